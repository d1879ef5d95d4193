// Adds to pages that already say everything: fresh numbers, tips on charts, copying of commands.
"use strict";

const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);

function showTip(event) {
  const mark = event.target.closest && event.target.closest("[data-tip]");
  if (!mark) {
    tip.hidden = true;
    return;
  }
  tip.textContent = mark.dataset.tip;
  tip.hidden = false;
  const left = Math.min(event.clientX + 12, window.innerWidth - tip.offsetWidth - 8);
  const above = event.clientY - tip.offsetHeight - 12;
  tip.style.left = Math.max(8, left) + "px";
  tip.style.top = (above < 8 ? event.clientY + 16 : above) + "px";
}
document.addEventListener("pointermove", showTip, { passive: true });
document.addEventListener("pointerleave", () => { tip.hidden = true; });
document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

// With script there are tips, so the browser's own would double them.
function quietTitles(root) {
  for (const title of root.querySelectorAll("[data-tip] > title")) title.remove();
}

function addCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const command of root.querySelectorAll(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    command.append(button);
  }
}

// Replaces the page's content when something changed, and leaves opened tables open.
let running = false;
let again = false;
async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    const reply = await fetch(location.href, { headers: { accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("main");
    const old = document.querySelector("main");
    if (fresh && old && !old.contains(document.getSelection().anchorNode)) {
      const open = [...old.querySelectorAll("details")].map((element) => element.open);
      fresh.querySelectorAll("details").forEach((element, index) => { element.open = open[index] || false; });
      quietTitles(fresh);
      addCopyButtons(fresh);
      old.replaceWith(fresh);
    }
  } catch (error) {
    // The server is away; the stream below asks again when it is back.
  }
  running = false;
  if (again) {
    again = false;
    setTimeout(refresh, 1000);
  }
}

quietTitles(document);
addCopyButtons(document);
if (document.body.dataset.live) {
  const stream = new EventSource("/events");
  stream.addEventListener("changed", refresh);
}
