/** The people of the dialogue scripts and what lies in their maildrops, as latin1 text. */

export const MAILDROPS = {
  /** Three ordinary messages; the second is full of dots, the third ends without a line end. */
  alice: {
    password: 'wonder land',
    messages: [
      'Subject: one\r\n\r\nHello Alice.\r\n',
      'Subject: two\r\n\r\n.\r\n..\r\n.dot\r\nno.dot\r\n',
      'Subject: three\r\n\r\nfirst\r\nlast',
    ],
  },
  /** Shapes that mail should not have and has. */
  bob: {
    password: 'bob',
    messages: [
      '',
      'Subject: header alone\r\n',
      'Subject: no body\r\n\r\n',
      '\r\nno header\r\nat all\r\n',
      'Subject: nul\r\n\r\na\x00b\r\n',
      'Subject: cr\r\n\r\na\rb\r',
      '.starts with a dot\r\n\r\n.',
      'Subject: two\r\n folded\r\n\r\n\r\n\r\nafter blank lines\r\n',
      'Subject: eight bits \xe9\xff\r\n\r\n\xc3\xa9\xff\r\n',
    ],
  },
  carol: { password: '-', messages: [] },
  /** A name and a password beyond ASCII. */
  'd\u00e4ve': { password: 'p\u00e2sse muraille', messages: ['Subject: x\r\n\r\nx\r\n'] },
} as const
