/** Gives the focus back to where it was before the camera was on. */

/** Follows the keyboard's focus around one capture. */
export class FocusReturn {
  readonly #element: HTMLElement;
  #before: HTMLElement | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  /** Whether a control inside the element has the focus. */
  get isInside(): boolean {
    // Not `:focus`: that matches in the active window only.
    return !!this.#element.shadowRoot?.activeElement;
  }

  /** Remembers the control that has the focus; one inside will be hidden, so `frame` takes it. */
  remember(frame: HTMLElement): void {
    const { activeElement, body } = this.#element.ownerDocument;
    const isOutside = !this.isInside && activeElement instanceof HTMLElement && activeElement !== body;
    this.#before = isOutside ? activeElement : undefined;
    if (this.isInside) frame.focus({ preventScroll: true });
  }

  /** Called when the control that had the focus is hidden again; the first visible one of `inside` takes its place. */
  giveBack(wasInside: boolean, inside: HTMLElement[]): void {
    const before = this.#before;
    this.#before = undefined;
    const { activeElement, body } = this.#element.ownerDocument;
    const isElsewhere = activeElement && activeElement !== body && activeElement !== this.#element;
    // The focus stays where the person has moved it meanwhile.
    if (!wasInside || isElsewhere) return;
    const visible = inside.find((button) => button.offsetParent);
    (before?.isConnected ? before : visible)?.focus({ preventScroll: true });
  }
}
