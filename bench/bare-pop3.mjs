/**
 * A bare loop: POP3 without anything that makes it a server, as a bound for what Node could do. Knows no password,
 * no lock, no dots and no failure, reads folders and files synchronously, and holds everybody up meanwhile.
 * `node bench/bare-pop3.mjs MAILDIRS`
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const [, , maildirs] = process.argv

const server = createServer({ noDelay: true }, (socket) => {
  let rest = ''
  let folder = ''
  let messages = []
  const commands = {
    USER: (name) => ((folder = `${maildirs}/${name}/`), '+OK\r\n'),
    PASS() {
      messages = ['new/', 'cur/'].flatMap((sub) => readdirSync(folder + sub).map((name) => sub + name))
      return '+OK\r\n'
    },
    STAT: () =>
      `+OK ${messages.length} ${messages.reduce((sum, each) => sum + Number(/,S=(\d+)/.exec(each)[1]), 0)}\r\n`,
    UIDL: () =>
      `+OK\r\n${messages.map((each, index) => `${index + 1} ${each.slice(4).split(',')[0]}\r\n`).join('')}.\r\n`,
    RETR: (number) => `+OK\r\n${readFileSync(folder + messages[number - 1], 'latin1')}.\r\n`,
    QUIT: () => (socket.end('+OK\r\n', 'latin1'), ''),
  }
  socket.write('+OK\r\n')
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n')
    rest = lines.pop()
    let out = ''
    for (const line of lines) out += commands[line.slice(0, 4)](line.slice(5))
    if (out !== '') socket.write(out, 'latin1')
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
