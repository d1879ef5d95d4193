/// The style of a report: the dashboard's, and what only reports draw.
enum ReportStyle {
  /// The whole style sheet.
  static var sheet: HTML {
    HTML(stringLiteral: String(decoding: DashboardAsset.style.bytes, as: UTF8.self) + own)
  }

  /// Colours of the report's own marks come first; the tests compute their contrast from these lines.
  static let own = """
    :root {
      --line-2: #a35f00; --line-3: #22693f; --shade-1: #e6eef6; --shade-2: #cfdfef; --shade-3: #b3cde6;
      --shade-4: #93b9dc;
      --rank-0: #1f5f99; --rank-1: #6a5fa6; --rank-2: #96558f; --rank-3: #b0456a; --rank-4: #c2281f;
      --rank-none: #6d757d;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --line-2: #e6bb6f; --line-3: #7fce9f; --shade-1: #202b36; --shade-2: #243a4f; --shade-3: #294a69;
        --shade-4: #2e5b85;
        --rank-0: #6aa9ee; --rank-1: #a5a8ec; --rank-2: #c79ad8; --rank-3: #e893b4; --rank-4: #ff8a7f;
        --rank-none: #98a1aa;
      }
    }
    html { scroll-padding-top: 3.5rem; }
    .contents { position: sticky; top: 0; z-index: 2; background: var(--card); border-bottom: 1px solid var(--line); }
    .contents ul { display: flex; gap: 0 1.25rem; list-style: none; max-width: 70rem; margin: 0 auto;
      padding: 0 1.5rem; overflow-x: auto; }
    .contents a { display: block; padding: 0.6rem 0; white-space: nowrap; }
    .headline h1 { overflow-wrap: anywhere; }
    .stack { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
    .stack .card { margin: 0; }
    h2 { scroll-margin-top: 3.5rem; }
    main section + section h2 { font-size: 1.5rem; margin-top: 3.5rem; }
    h3.over { margin: 1rem 0 0; font-size: 1.0625rem; }
    h4 { font-size: 0.8125rem; font-weight: 550; margin: 0.5rem 0; overflow-wrap: anywhere; }
    .key-number { display: flex; flex-direction: column; gap: 0.35rem; }
    .key-number .key-name { margin: 0; font-size: 0.875rem; font-weight: 550; color: var(--soft);
      overflow-wrap: anywhere; }
    .key-number .big { margin: 0; font-size: 2rem; line-height: 1.1; font-weight: 600; letter-spacing: -0.02em; }
    .say { color: var(--soft); font-size: 0.875rem; line-height: 1.45; margin: 0; flex-basis: 100%;
      max-width: 46rem; overflow-wrap: anywhere; text-wrap: pretty; }
    .chart figcaption { align-items: baseline; }
    figcaption .say { width: 100%; max-width: 100%; }
    .chart .legend { margin: 0; }
    .legend .key { height: 0.25rem; vertical-align: middle; }
    .key.line-0 { background: none; border-top: 2px dashed var(--reference); border-radius: 0; }
    .key.line-1 { background: var(--mark-strong); }
    .key.line-2 { background: none; border-top: 3px dashed var(--line-2); border-radius: 0; }
    .key.line-3 { background: none; border-top: 3px dotted var(--line-3); border-radius: 0; }
    .key.band { background: var(--expected); border: 1px solid var(--reference); }
    .legend .key.points, .legend .key.dot, .legend .key[class*="rank-"] { width: 0.6rem; height: 0.6rem;
      border-radius: 50%; background: var(--mark-strong); }
    .legend .key.dropped { width: 0.6rem; height: 0.6rem; border-radius: 50%; background: var(--reference); }
    .legend .key.rank-0 { background: var(--rank-0); } .legend .key.rank-2 { background: var(--rank-2); }
    .legend .key.rank-4 { background: var(--rank-4); } .legend .key.rank-none { background: var(--rank-none); }
    .plot path.line-0 { stroke: var(--reference); stroke-dasharray: 4 4; stroke-width: 1.5; }
    .plot path.line-1 { stroke: var(--mark-strong); stroke-width: 2; stroke-linejoin: round; }
    .plot path.line-2 { stroke: var(--line-2); stroke-width: 2; stroke-dasharray: 7 4; }
    .plot path.line-3 { stroke: var(--line-3); stroke-width: 2.25; stroke-dasharray: 1 4; stroke-linecap: round; }
    .plot path.thin { stroke: var(--mark); stroke-width: 0.75; opacity: 0.45; }
    .plot path.band { fill: var(--expected); }
    .plot path.points, .interval path.points { stroke: var(--mark-strong); stroke-width: 6; stroke-linecap: round;
      opacity: 0.7; }
    .plot path.dropped { stroke: var(--reference); stroke-width: 6; stroke-linecap: round; opacity: 0.8; }
    .strip path[class^="rank-"] { stroke-width: 4.5; stroke-linecap: round; }
    .strip path.rank-0 { stroke: var(--rank-0); } .strip path.rank-1 { stroke: var(--rank-1); }
    .strip path.rank-2 { stroke: var(--rank-2); } .strip path.rank-3 { stroke: var(--rank-3); }
    .strip path.rank-4 { stroke: var(--rank-4); } .strip path.rank-none { stroke: var(--rank-none); }
    .strip path.whisker { stroke: var(--ink); }
    .strip path.limit { stroke: var(--reference); }
    rect.plus { fill: var(--rank-4); } rect.minus { fill: var(--rank-0); }
    .shade-1 { background: var(--shade-1); fill: var(--shade-1); } .shade-2 { background: var(--shade-2);
      fill: var(--shade-2); }
    .shade-3 { background: var(--shade-3); fill: var(--shade-3); } .shade-4 { background: var(--shade-4);
      fill: var(--shade-4); }
    .matrix td { padding: 0.5rem 0.75rem; border: 1px solid var(--line); min-width: 4.5rem; }
    .matrix td[class*="shade-"] .note { color: var(--ink); }
    .matrix th { padding-right: 0.75rem; overflow-wrap: anywhere; }
    .regions { display: flex; gap: 1rem; margin: 0.5rem 0 1rem; }
    .plot.image { height: auto; flex: 0 1 11rem; width: 11rem; min-width: 0; border: 1px solid var(--reference); }
    .image path.pixels { fill: var(--ink); }
    .heat { height: auto; aspect-ratio: 1; border: 1px solid var(--reference); }
    .drawn { margin: 0.25rem 1rem 0 0; }
    .drawn .axis-name { grid-column: 1 / -1; padding-bottom: 0.9rem; line-height: 1.2; overflow-wrap: anywhere; }
    .drawn .axis-name.below { grid-column: 2; padding: 0.4rem 0 0; text-align: right; }
    .drawn .upright { margin: 0; }
    .drawn .upright span { height: 0; display: flex; align-items: center; justify-content: flex-end;
      white-space: nowrap; }
    .drawn .level { gap: 0; min-width: 0; }
    .drawn .level span { width: 0; overflow: visible; display: flex; justify-content: center; }
    .drawn .level span:first-child { justify-content: flex-start; }
      .drawn .level span:last-child { justify-content: flex-end; }
    .drawn .level.between { justify-content: space-around; }
    .drawn .level.between span:first-child { justify-content: center; }
    .drawn .level.between span:last-child { justify-content: center; }
    .drawn.square { max-width: 32rem; } .long .scroll { max-height: 34rem; overflow-y: auto; }
    .drawn.square .plot { height: auto; aspect-ratio: 1; max-height: 26rem; }
    .drawn.wide .plot { height: 15rem; } .drawn.little .plot { height: 10rem; }
    .drawn .plot { padding: 0; }
    .wide .strip { min-width: 7rem; }
    .tall .strip { height: 3rem; }
    .ends { display: flex; justify-content: space-between; color: var(--soft); font-size: 0.75rem;
      margin: 0 0 0.75rem; }
    .swarm td.wide { width: 60%; min-width: 11rem; } .swarm .strip { height: 3rem; }
    .swarm th, .swarm td { vertical-align: middle; padding-top: 0.15rem; padding-bottom: 0.15rem; }
    .swarm tbody th { min-width: 5rem; } 
    .grid-two .chart tbody th { min-width: 5rem; }
      .grid-two .chart th, .grid-two .chart td { padding-right: 0.75rem; }
    .fall td.wide { width: 40%; min-width: 4rem; } .fall th, .fall td { padding: 0.2rem 0.6rem 0.2rem 0;
      font-size: 0.875rem; }
    .fall .interval { height: 1.25rem; min-width: 4rem; } .fall .strip { min-width: 4rem; }
    .chart tbody th { overflow-wrap: anywhere; }
    .grid-many .chart tbody th { min-width: 4.5rem; }
      .grid-many .chart th, .grid-many .chart td { padding-right: 0.6rem; }
    .stack .fall tbody th { min-width: 6.75rem; } .stack .fall td.wide { width: 34%; }
    .grid-many td.wide { min-width: 5rem; } .grid-many .wide .interval { min-width: 4rem; }
    .each { display: block; white-space: nowrap; }
    td.wide { vertical-align: middle; } .stack > .chart > .scroll td.wide { width: 36%; }
    p.card { margin: 0; } .card > .numbers:only-child { margin: 0; }
    .stack td:last-child:not(.num):not(.wide) { min-width: 6rem; }
    .grid-many .numbers tbody th, .grid-two .numbers tbody th { min-width: 3rem; }
      .drawn ~ .numbers th, .drawn ~ .numbers td { padding-right: 0.5rem; }
    .drawn ~ .numbers thead th { white-space: normal; vertical-align: bottom; }
    .sentences { overflow-wrap: anywhere; } .findings { overflow-wrap: anywhere; }
    .facts { margin-bottom: 0; }
    table + .facts, .scroll + .facts { margin-top: 1rem; }
    @media (max-width: 40rem) {
      .contents ul { padding: 0 1rem; }
      th, td { padding-right: 0.75rem; } thead th { white-space: normal; vertical-align: bottom; }
      table { font-size: 0.875rem; } .stack tbody th { min-width: 7.25rem; }
      .stack td.wide, .stack .wide .interval { min-width: 5rem; }
      .swarm td.wide { min-width: 8rem; }
    }
    @media print {
      :root { --paper: #ffffff; }
      body { font-size: 11pt; } main { padding-top: 0; max-width: none; }
      .contents, .numbers:not([open]) { display: none; }
      table, .fall th, .fall td { font-size: 8pt; } .note, .numbers { font-size: 7pt; }
      thead th, .standing { font-size: 7pt; }
      .summary.grid-many { grid-template-columns: repeat(3, minmax(0, 1fr)); }
      thead th, .num, .standing, .each { white-space: normal; } th, td { padding-right: 0.5rem; }
      tbody th, td, .interval { min-width: 0 !important; }
      .numbers .scroll, .long .scroll { max-height: none; }
      h2, h3 { break-after: avoid; } tr, figure .frame { break-inside: avoid; } .card { break-inside: auto; }
      .grid-two, .grid-many { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }
    """
}
