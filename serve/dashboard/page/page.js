// Draws the charts; their data stands in the page. Colours of texts and lines follow the style sheet.
(() => {
  "use strict";
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const root = document.documentElement;
  const ids = Object.keys(specs).filter((id) => document.getElementById(id));

  function config() {
    const style = getComputedStyle(root);
    const color = (name) => style.getPropertyValue(name).trim();
    const text = { labelColor: color("--muted"), titleColor: color("--muted"), labelFont: "system-ui, sans-serif" };
    return {
      background: null,
      font: "system-ui, sans-serif",
      view: { stroke: null },
      axis: { ...text, gridColor: color("--grid"), tickColor: color("--line"), domainColor: color("--line") },
      legend: text,
      text: { color: color("--ink") },
    };
  }

  async function draw() {
    const theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const options = { actions: false, renderer: "svg", config: config(), tooltip: { theme } };
    const drawn = ids.map((id) => vegaEmbed(document.getElementById(id), specs[id], options));
    const failed = (await Promise.allSettled(drawn)).filter((result) => result.status === "rejected");
    failed.forEach((result) => console.error(result.reason));
    root.dataset.charts = failed.length ? "failed" : "drawn";
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
