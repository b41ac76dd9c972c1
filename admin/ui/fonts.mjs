// Copies the two static weights of Noto Sans SC (SIL Open Font License) to the place from which
// pages and the PDF renderer serve them. They are 21 MB, so they are built and never committed.
import { copyFile, mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const from = new URL('./node_modules/@expo-google-fonts/noto-sans-sc/', import.meta.url)
const to = new URL('../../renderers/fonts/', import.meta.url)

const copies = [
  ['400Regular/NotoSansSC_400Regular.ttf', 'NotoSansSC-Regular.ttf'],
  ['700Bold/NotoSansSC_700Bold.ttf', 'NotoSansSC-Bold.ttf'],
]

await mkdir(to, { recursive: true })
for (const [source, target] of copies) {
  await copyFile(new URL(source, from), new URL(target, to))
  console.log(`${target} -> ${fileURLToPath(to)}`)
}
