// Before anything is painted: the theme that was chosen the last time, and that there are scripts.
try { document.documentElement.dataset.theme = localStorage.getItem("agent-gate-theme") || ""; } catch { /* no storage */ }
document.documentElement.classList.add("js");
