#!/usr/bin/env node
/** `npm run bench -- QUESTION`: one file per question. Everything is bounded and goes to loopback and temporary folders. */
const questions = new Map([
  ['listing', () => import('./listing.mjs')],
  ['pop3', () => import('./pop3.mjs')],
  ['sign-in', () => import('./sign-in.mjs')],
  ['store', () => import('./store.mjs')],
])

const [name, ...options] = process.argv.slice(2)
const question = questions.get(name ?? '')
if (question === undefined) {
  console.error(`bench: say what to measure: ${[...questions.keys()].join(', ')}`)
  process.exitCode = 64
} else {
  const { measure } = await question()
  await measure(options)
}
