import { expect } from 'chai'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { openServerSecret } from '../../../src/gateway/server-secret.ts'
import { gatewayErrorOf } from '../../contract/support/failure-of.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'

describe('the secret of a server', () => {
  const newFolder = tempFolder()

  it('is made once, of 32 octets that only its owner may read, and stays', async () => {
    const folder = `${newFolder()}/config/tls`
    const secret = await openServerSecret(folder)
    expect(secret.length).to.equal(32)
    expect((await stat(`${folder}/secret`)).mode & 0o777).to.equal(0o600)
    expect((await openServerSecret(folder)).equals(secret)).to.equal(true)
    expect(await readdir(folder)).to.deep.equal(['secret'])
  })

  it('is another one elsewhere', async () => {
    const [one, other] = [await openServerSecret(newFolder()), await openServerSecret(newFolder())]
    expect(one.equals(other)).to.equal(false)
  })

  it('is the same for all who make it at once', async () => {
    const folder = newFolder()
    const secrets = await Promise.all(Array.from({ length: 20 }, () => openServerSecret(folder)))
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).to.equal(1)
    expect(await readdir(folder)).to.deep.equal(['secret'])
  })

  it('that is damaged is refused by name and left alone', async () => {
    const folder = newFolder()
    await mkdir(folder, { recursive: true })
    await writeFile(`${folder}/secret`, 'short')
    const error = await gatewayErrorOf(openServerSecret(folder))
    expect(error).to.include({ code: 'store.damaged' })
    expect(error.message).to.contain(`${folder}/secret holds 5 octets`)
    expect(await readFile(`${folder}/secret`, 'utf8')).to.equal('short')
  })

  it('cannot be made where a file stands in the place of its folder', async () => {
    const folder = newFolder()
    await writeFile(folder, '')
    expect((await gatewayErrorOf(openServerSecret(`${folder}/tls`))).code).to.match(/^store\./)
  })
})
