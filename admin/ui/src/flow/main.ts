// The flow designer's page: a flow as cards, tried out, compared with the version in force, published.

import { createApp } from 'vue'
import type { Text } from '../designer/state'
import FlowApp from './FlowApp.vue'
import { createStore, STORE } from './state'
import type { Design } from './types'
import { filled } from '../words'

const place = document.getElementById('flow-designer')
const data = document.getElementById('flow-data')
if (place && data) {
  const { design, texts } = JSON.parse(data.textContent ?? '{}') as { design: Design; texts: Record<string, string> }
  const t: Text = (key, values = {}) => filled(texts[key] ?? key, values)
  const language = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en'
  place.textContent = ''
  createApp(FlowApp).provide(STORE, createStore(design, t, language)).mount(place)
}
