/** Elements without innerHTML: text is always text. */

type Child = Node | string | null | undefined | false;
type Properties<T extends HTMLElement> = Partial<Omit<T, "style" | "dataset" | "children">> & { data?: Record<string, string> };

/** Make an element with properties and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const { data, ...plain } = properties;
  const element = Object.assign(document.createElement(tag), plain);
  Object.assign(element.dataset, data ?? {});
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

/** A button that does something; what `onclick` returns must not cancel the click. */
export function button(label: string, className: string, onclick: () => void, title = ""): HTMLButtonElement {
  return h("button", { type: "button", className, title, ariaLabel: title || label, onclick: () => void onclick() }, label);
}
