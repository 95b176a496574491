/** A certificate for tests, of `mail.glo2000.ca`, good for a hundred years; its key protects nothing. */

import { createSecureContext } from 'node:tls'
import { TLS_OPTIONS, type TlsContexts } from '../../../src/base/tls.ts'

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgY9p1sho4tbkIiz8X
rPVBTjwdkg8WZUWhy7ztv/4r4MmhRANCAAT3vNn/R5Retykhs+ppA5o3LZb02M6n
Zajy/FzK6pJ2pjZIi2fcoCmVe5PUVAdKyTZAc/IAGAj+wb9WqeQLg4Pw
-----END PRIVATE KEY-----
`

const cert = `-----BEGIN CERTIFICATE-----
MIIBjDCCATGgAwIBAgIUKfflvqkaAm6koDlix+2lQF726jEwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPbWFpbC5nbG8yMDAwLmNhMCAXDTI2MTEyMTA2NDc0OVoYDzIx
MjYxMDI4MDY0NzQ5WjAaMRgwFgYDVQQDDA9tYWlsLmdsbzIwMDAuY2EwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAAT3vNn/R5Retykhs+ppA5o3LZb02M6nZajy/FzK
6pJ2pjZIi2fcoCmVe5PUVAdKyTZAc/IAGAj+wb9WqeQLg4Pwo1MwUTAdBgNVHQ4E
FgQUKR8RJFy5eGOCUdsnak3Xdp6vFT0wHwYDVR0jBBgwFoAUKR8RJFy5eGOCUdsn
ak3Xdp6vFT0wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAld0L
x1fkDh6OVVm9Zcnmfc8s4IGpmFWNAsQPluF80XQCIQCULZF10cz9r+Nt31zjBT3U
gnD1cWD9aTmdB4ClIFWFTQ==
-----END CERTIFICATE-----
`

const context = createSecureContext({ ...TLS_OPTIONS, cert, key })

export const TEST_TLS: TlsContexts = { current: () => context }
