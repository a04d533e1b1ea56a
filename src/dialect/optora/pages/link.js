history.replaceState(null, "", location.pathname);
document.querySelector("form[data-at-once]")?.requestSubmit();
