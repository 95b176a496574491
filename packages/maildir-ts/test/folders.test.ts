import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import * as fc from 'fast-check'
import { createMaildir } from '../src/index.js'
import { decodeFolderName, encodeFolderName } from '../src/folder-name.js'
import { failure, store } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'

describe('folders', () => {
  const temp = tempFolder()

  it('are Maildirs of their own, named after Maildir++', async () => {
    const maildir = await createMaildir(temp())
    const sent = await maildir.createFolder('Sent')
    await store(sent, 'one')
    expect(sent.path).to.equal(`${maildir.path}/.Sent`)
    expect(existsSync(`${sent.path}/maildirfolder`)).to.equal(true)
    expect(await maildir.folder('Sent').list()).to.have.length(1)
    expect(await maildir.list()).to.deep.equal([])
  })

  it('nest by parts, and list what lies below', async () => {
    const maildir = await createMaildir(temp())
    await maildir.createFolder(['Archive', '2026'])
    const archive = await maildir.createFolder('Archive')
    await archive.createFolder('2025')
    await maildir.createFolder('Arch')
    expect(archive.folder(['2026']).path).to.equal(`${maildir.path}/.Archive.2026`)
    const names = async (of: typeof maildir) => (await of.folders()).map(({ name }) => name.join('/'))
    expect(await names(maildir)).to.deep.equal(['Arch', 'Archive', 'Archive/2025', 'Archive/2026'])
    expect(await names(archive)).to.deep.equal(['2025', '2026'])
    expect(await names(maildir.folder('Arch'))).to.deep.equal([])
  })

  it('may be made twice', async () => {
    const maildir = await createMaildir(temp())
    await store(await maildir.createFolder('Sent'), 'one')
    expect(await (await maildir.createFolder('Sent')).list()).to.have.length(1)
  })

  it('are listed under the name on disk where another program did not encode it', async () => {
    const maildir = await createMaildir(temp())
    for (const name of ['.Envoyés', '.a&b', '.ok'])
      mkdirSync(`${maildir.path}/${name}/cur`, { recursive: true })
    writeFileSync(`${maildir.path}/.subscriptions`, '')
    const folders = await maildir.folders()
    expect(folders.map(({ name }) => name)).to.deep.equal([['Envoyés'], ['a&b'], ['ok']])
    for (const { maildir } of folders) expect(existsSync(`${maildir.path}/cur`)).to.equal(true)
  })

  it('are encoded as in RFC 3501 §5.1.3, with dots and slashes', () => {
    const cases: [string, string][] = [
      ['Sent', '.Sent'],
      ['台北', '.&U,BTFw-'],
      ['a&b', '.a&-b'],
      ['v1.2', '.v1&AC4-2'],
      ['in/out', '.in&AC8-out'],
      ['..', '.&AC4ALg-'],
      ['Envoyés', '.Envoy&AOk-s'],
    ]
    for (const [name, disk] of cases) expect(encodeFolderName([name])).to.equal(disk)
    for (const [name, disk] of cases) expect(decodeFolderName(disk)).to.deep.equal([name])
  })

  it('take any text as a name, and give it back', () => {
    const names = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 })
    fc.assert(
      fc.property(names, (parts) => {
        const disk = encodeFolderName(parts)
        expect(disk).to.match(/^\.[ -~]+$/)
        expect(disk).not.to.match(/\/|\.\./)
        expect(decodeFolderName(disk)).to.deep.equal(parts)
      }),
    )
  })

  it('need a name', async () => {
    const maildir = await createMaildir(temp())
    for (const name of ['', [], ['a', ''], '\uD800']) {
      expect(await failure((async () => maildir.folder(name))())).to.include({ code: 'EINVAL' })
    }
  })
})
