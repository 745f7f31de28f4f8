// Runs before the first paint: restores the chosen theme and marks that scripts run.
try { document.documentElement.dataset.theme = localStorage.getItem("agent-gate-theme") || ""; } catch { /* no storage */ }
document.documentElement.classList.add("js");
