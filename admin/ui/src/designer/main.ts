// The designer page: what was recognised in a sheet, to be corrected, checked, tried and published.

import { createApp } from 'vue'
import DesignerApp from './DesignerApp.vue'
import { createStore, STORE, type Text } from './state'
import type { Design } from './types'
import { filled } from '../words'

const place = document.getElementById('designer')
const data = document.getElementById('designer-data')
if (place && data) {
  const { design, texts } = JSON.parse(data.textContent ?? '{}') as { design: Design; texts: Record<string, string> }
  const t: Text = (key, values = {}) => filled(texts[key] ?? key, values)
  place.textContent = ''
  createApp(DesignerApp).provide(STORE, createStore(design, t)).mount(place)
}
