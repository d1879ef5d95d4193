// Files embedded in the binary, read through functions that copy them out.
#include "demo_data.h"
#include "dashboard_assets.h"
