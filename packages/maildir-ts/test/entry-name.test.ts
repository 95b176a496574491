import { writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { parseEntryName, withFlags } from '../src/entry-name.js'
import { createMaildir } from '../src/index.js'
import { textIn } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'

describe('the name of an entry', () => {
  const temp = tempFolder()

  for (const [tool, name, unique, flags] of [
    ['Dovecot', '1700000000.M5P6.host,S=10,W=11:2,FSab', '1700000000.M5P6.host', 'FSab'],
    ['Courier', '1700000000.M5P6V0FI0A.host,S=10:2,S', '1700000000.M5P6V0FI0A.host', 'S'],
    ['maildrop', '1700000000.M5P6V0FI0A_0.host,S=10', '1700000000.M5P6V0FI0A_0.host', ''],
    ['procmail', '1700000000.6_0.host', '1700000000.6_0.host', ''],
    ['mutt', '1700000000.6_1.host:2,RS', '1700000000.6_1.host', 'RS'],
    ['an experiment', '1700000000.6_1.host:1,x', '1700000000.6_1.host', ''],
    ['another field', 'msg,id=1:2,S', 'msg,id=1', 'S'],
    ['a field that is no number', 'msg,S=a', 'msg,S=a', ''],
    ['another field and a size', 'msg,id=1,S=5', 'msg,id=1', ''],
    ['a time of day', '12:30:55.m', '12:30:55.m', ''],
    ['a time of day and flags', '12:2,55.m:2,S', '12:2,55.m', 'S'],
  ] as const)
    it(`of ${tool} is its unique part and its flags`, () => {
      expect(parseEntryName(name)).to.deep.equal({ unique, flags, sizes: undefined })
      expect(parseEntryName(withFlags(name, 'T'))).to.deep.equal({ unique, flags: 'T', sizes: undefined })
    })

  it('tells files apart that differ behind a comma or a colon, also when one is flagged, removed or moved', async () => {
    const maildir = await createMaildir(temp())
    const names = ['12:30:55.m', '12:31:00.m', 'msg,id=1', 'msg,id=2']
    for (const name of names) writeFileSync(`${maildir.path}/new/${name}`, `${name}\r\n`)
    const listed = await maildir.list()
    expect(listed.map(({ name }) => name)).to.deep.equal(names)
    expect(listed.map(({ uid }) => uid)).to.deep.equal(names)
    const [first, second, third, fourth] = listed
    if (!first || !second || !third || !fourth) throw new Error('not listed')
    expect((await maildir.flag(first, { add: 'S' })).name).to.equal('12:30:55.m:2,S')
    expect(await textIn(maildir, first)).to.equal('12:30:55.m\r\n')
    expect(await maildir.remove(third)).to.equal(true)
    const other = await createMaildir(temp())
    for (const entry of [second, fourth]) await maildir.move(entry, other)
    expect((await other.list()).map(({ name }) => name)).to.deep.equal(['12:31:00.m', 'msg,id=2'])
    expect((await maildir.list()).map(({ uid, flags }) => `${uid} ${flags}`)).to.deep.equal(['12:30:55.m S'])
  })
})
