typedef int CAssets_stub;
