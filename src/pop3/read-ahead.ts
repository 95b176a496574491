/** Reads the next chunk of a large message while the client is sent the one before: the disk and the network work at once. */

/** The same chunks. Never more than one is held that nobody has asked for; what reading it throws comes in its place. */
export async function* readAhead<Chunk>(chunks: AsyncIterable<Chunk>): AsyncIterable<Chunk> {
  const source = chunks[Symbol.asyncIterator]()
  let next = begin(source)
  try {
    for (let read = await next; read.done !== true; read = await next) {
      next = begin(source)
      yield read.value
    }
  } finally {
    // Waits for what is being read, so that nobody closes the file under it.
    await source.return?.()
  }
}

/** Nobody may be waiting yet when it fails. */
function begin<Chunk>(source: AsyncIterator<Chunk>): Promise<IteratorResult<Chunk>> {
  const next = source.next()
  next.catch(() => undefined)
  return next
}
