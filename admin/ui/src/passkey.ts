// Passkeys: the page carries what the house asks, the browser asks the device, the form takes the answer back.

const bytes = (text: string): Uint8Array<ArrayBuffer> => {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(plain, (char) => char.charCodeAt(0))
}

const text = (raw: ArrayBuffer | null): string | null => {
  if (!raw) return null
  const plain = String.fromCharCode(...new Uint8Array(raw))
  return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

interface Named {
  id: string
}

const listed = (found: Named[] | undefined) => (found ?? []).map((one) => ({ ...one, type: 'public-key' as const, id: bytes(one.id) }))

async function create(options: any): Promise<Record<string, unknown>> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: listed(options.excludeCredentials),
  }
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential
  const response = made.response as AuthenticatorAttestationResponse
  return {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    ...named(made),
  }
}

async function prove(options: any): Promise<Record<string, unknown>> {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) }
  const made = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
  const response = made.response as AuthenticatorAssertionResponse
  return {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: text(response.userHandle),
    ...named(made),
  }
}

const named = (made: PublicKeyCredential) => ({ _id: made.id, _rawId: text(made.rawId), _type: made.type })

const form = document.querySelector<HTMLFormElement>('#passkey')
if (form) {
  const hidden = (id: string, hide: boolean) => {
    const found = document.getElementById(id)
    if (found) found.hidden = hide
  }
  const press = form.querySelector('button')
  if (!window.PublicKeyCredential) {
    hidden('passkey-none', false)
    if (press) press.disabled = true
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    hidden('passkey-failed', true)
    if (press) press.disabled = true
    const options = JSON.parse(form.dataset.options ?? '{}')
    const asked = form.dataset.kind === 'create' ? create(options) : prove(options)
    asked
      .then(({ _id, _rawId, _type, ...response }) => {
        const answer = form.elements.namedItem('answer') as HTMLInputElement
        answer.value = JSON.stringify({ id: _id, rawId: _rawId, type: _type, response, clientExtensionResults: {} })
        form.submit()
      })
      .catch(() => {
        hidden('passkey-failed', false)
        if (press) press.disabled = false
      })
  })
}
