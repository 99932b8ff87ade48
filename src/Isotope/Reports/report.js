'use strict';
// Tables: a click on a column's heading sorts by it, or reverses the order if it is sorted already.
for (const table of document.querySelectorAll('table.sortable')) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => heading.querySelector('button')?.addEventListener('click', () => {
    const down = heading.getAttribute('aria-sort') === 'ascending';
    headings.forEach(other => other.removeAttribute('aria-sort'));
    heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const valueOf = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const compare = (a, b) => {
      const [x, y] = [valueOf(a), valueOf(b)];
      const [p, q] = [Number(x), Number(y)];
      return Number.isNaN(p) || Number.isNaN(q) ? x.localeCompare(y) : p - q;
    };
    const rows = [...table.tBodies[0].rows].sort((a, b) => down ? compare(b, a) : compare(a, b));
    table.tBodies[0].append(...rows);
  }));
}
// Gallery: the slider uncovers the marked image over its original.
for (const slider of document.querySelectorAll('.gallery input')) {
  const marked = slider.closest('li').querySelector('.marked');
  const uncover = () => { marked.style.clipPath = `inset(0 0 0 ${100 - slider.value}%)`; slider.setAttribute('aria-valuetext', `${slider.value} % marked`); };
  slider.addEventListener('input', uncover);
  uncover();
}
// Pages of a local server: ask about running jobs every second.
for (const run of document.querySelectorAll('[data-poll]')) {
  const ask = async () => {
    const answer = await fetch(run.dataset.poll);
    if (!answer.ok) return;
    const state = await answer.json();
    run.querySelector('.stage').textContent = state.stage;
    const bar = run.querySelector('progress');
    if (bar && state.total) { bar.max = state.total; bar.value = state.done; }
    if (state.over) location.reload(); else setTimeout(ask, 1000);
  };
  setTimeout(ask, 1000);
}
