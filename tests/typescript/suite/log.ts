/** A list that grows, and that can be waited for. */
export class Log<Item> {
  readonly items: Item[] = []
  readonly #waiting = new Set<() => void>()

  add(item: Item): void {
    this.items.push(item)
    for (const look of this.#waiting) look()
  }

  /** The item at a place, as soon as there is one. */
  async at(index: number): Promise<Item> {
    await this.until((items) => items.length > index)
    return this.items[index] as Item
  }

  until(isEnough: (items: readonly Item[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isEnough(this.items)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }
}
