// Runs before the first paint, so that a page never flashes in the other theme.
(() => {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
})();
