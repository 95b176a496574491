/** The client left in the middle of its message: nothing is kept, and nobody waits for a reply. */
export class HungUp extends Error {
  constructor(options?: ErrorOptions) {
    super('the client hung up in the middle of a message', options)
    this.name = 'HungUp'
  }
}
