import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import * as fc from 'fast-check'
import { createNamer } from '../src/index.js'
import { parseEntryName } from '../src/entry-name.js'

describe('namer', () => {
  it('gives legal unique-ids of at most 70 octets for any host, pid and clock', () => {
    const options = fc.record({
      host: fc.string({ unit: 'binary', maxLength: 300 }),
      pid: fc.integer({ min: 1, max: 4_194_304 }),
      now: fc.integer({ min: 0, max: 32_503_680_000_000 }),
    })
    fc.assert(
      fc.property(options, ({ host, pid, now }) => {
        const unique = createNamer({ host, pid, now: () => now }).next()
        expect(unique).to.match(/^[!-~]{1,70}$/)
        expect(unique).not.to.match(/[/:,]/)
        expect(parseEntryName(`${unique},S=1,W=2`)).to.deep.equal({
          unique,
          flags: '',
          sizes: { fileOctets: 1, octets: 2 },
        })
      }),
    )
  })

  it('never repeats a time, also when the clock goes back', () => {
    const clock = [5000, 5000, 4000, 0, 5001, 5001]
    const namer = createNamer({ host: 'h', pid: 1, random: '00000000', now: () => clock.shift() ?? 0 })
    const times = Array.from({ length: 6 }, () => namer.next().replace(/tsR00000000|P1Q\d+\.h/g, ''))
    expect(times).to.deep.equal([
      '5.M000000',
      '5.M000001',
      '5.M000002',
      '5.M000003',
      '5.M001000',
      '5.M001001',
    ])
  })

  it('tells two namers of one pid apart, as after a restart within a second', () => {
    const options = { host: 'h', pid: 1, now: () => 0 }
    expect(createNamer(options).next()).not.to.equal(createNamer(options).next())
  })

  it('tells two long hosts with the same beginning apart', () => {
    const options = { pid: 1, random: '00000000', now: () => 0 }
    const long = 'mail.department.organisation.example'
    const names = [`${long}.org`, `${long}.net`].map((host) => createNamer({ ...options, host }).next())
    expect(names[0]).not.to.equal(names[1])
  })

  it('is another one in a worker thread', async () => {
    const source = new URL('../src/namer.js', import.meta.url).href
    const code = `import('tsx/esm/api').then(async ({ register }) => {
      register()
      const { processNamer } = await import(${JSON.stringify(source)})
      require('node:worker_threads').parentPort.postMessage(processNamer.next())
    })`
    const names = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<string>((done, fail) => {
            new Worker(code, { eval: true }).on('message', done).on('error', fail)
          }),
      ),
    )
    const randoms = names.map((name) => /tsR([0-9a-f]{8})/.exec(name)?.[1])
    expect(randoms[0]).to.be.a('string').and.not.to.equal(randoms[1])
  })
})
