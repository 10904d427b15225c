/** Elements that are made once and then patched: text is always text, and what has not changed is not touched. */

type Child = Node | string;

/** An element with classes (the first word of `what` may be a tag: "h1.title.big") and children. */
export function el(what: string, ...children: Child[]): HTMLElement {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  element.className = classes.join(" ");
  element.append(...children);
  return element;
}

/** Set a text if it is another one. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Show or hide. */
export function show(element: HTMLElement, visible: boolean): void {
  if (element.hidden === visible) element.hidden = !visible;
}

/** Set a class or take it away. */
export function mark(element: Element, name: string, on: boolean): void {
  if (element.classList.contains(name) !== on) element.classList.toggle(name, on);
}

/** As many children as there are items, made by `make` and filled by `fill`; those that are there already stay. */
export function list<T>(parent: Element, items: readonly T[], make: () => HTMLElement, fill: (element: HTMLElement, item: T) => void): void {
  while (parent.children.length > items.length) parent.lastElementChild?.remove();
  while (parent.children.length < items.length) parent.append(make());
  items.forEach((item, place) => fill(parent.children[place] as HTMLElement, item));
}
