import './console/console.css'
import { mount } from 'svelte'
import App from './console/App.svelte'
import { words } from './i18n/words.svelte'

const target = document.getElementById('app')
if (!target) throw new Error('the page has no #app')
await words.start()
mount(App, { target })
