import { expect } from 'chai'
import { passwordProblems } from '../../../src/accounts/password-rules.ts'
import { refusedAsWeak, weakness } from '../../../src/accounts/weakness.ts'

const ALICE = { name: 'Alice.Tremblay', domain: 'glo2000.ca' }

describe('the strength of a password', () => {
  const weak = [
    'Password123',
    'P4ssw0rd123',
    'Qwerty12345',
    'Azertyuiop1',
    'Motdepasse1',
    'Bonjour1234',
    'Soleil12345',
    'Aaaaaaaaaa1',
    'Summer2024!',
    'Tremblay2024',
    'Alice.Tremblay1',
    'Glo2000.ca1',
    'GLO2000glo2000',
    `Password123${'Password123'.repeat(80)}`,
  ]
  for (const password of weak) {
    it(`of ${password.slice(0, 20)} is little, though it keeps every rule`, async () => {
      expect(passwordProblems(password)).to.deep.equal([])
      expect(await weakness(password, ALICE)).to.have.all.keys('en', 'fr')
    })
  }

  for (const password of ['xK9#mQ2$vLw', 'Correct Horse 9', 'Pâté de Campagne 1', 'wise@!Manbaby77 olives']) {
    it(`of ${password} is enough`, async () => {
      expect(await weakness(password, ALICE)).to.equal(undefined)
    })
  }

  it("hangs on whose password it is: one's own name is known to a guesser", async () => {
    const password = 'Zorvaxquimby1'
    expect(await weakness(password, ALICE)).to.equal(undefined)
    expect(await weakness(password, { name: 'ZorvaxQuimby', domain: 'glo2000.ca' })).to.not.equal(undefined)
    expect(await weakness(password, { name: 'alice', domain: 'zorvaxquimby.ca' })).to.not.equal(undefined)
  })

  it('is explained in both languages, in whole sentences, without the password', async () => {
    const said = await weakness('Password123', ALICE)
    expect(said?.en).to.match(/^password is easy to guess\. This is a commonly used password\. .*\.$/)
    expect(said?.fr).to.match(
      /^le mot de passe est facile à deviner\. Ce mot de passe est couramment utilisé\. .*\.$/,
    )
    for (const text of Object.values(said ?? {})) expect(text).to.not.match(/Password123|\n/)
  })

  it('can be the reason of a refusal', () => {
    const refused = refusedAsWeak({ en: 'weak', fr: 'faible' })
    expect(refused).to.include({ code: 'account.password-refused', message: 'weak' })
    expect(refused.problems).to.deep.equal(['weak'])
  })

  it('is found in bounded time, whatever the password', async () => {
    await weakness('x', ALICE)
    for (const piece of ['4@8(1!$5370', '\u0301']) {
      const from = performance.now()
      await weakness(piece.repeat(5000), ALICE)
      expect(performance.now() - from, piece).to.be.below(4000)
    }
  })
})
