// Puts the API's page together: Swagger UI's own files, a page without inline
// script, and the few lines that start it. The server serves it at /api/docs/.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const web = join(dirname(fileURLToPath(import.meta.url)), '..')
const from = join(web, 'node_modules', 'swagger-ui-dist')
const to = join(web, 'dist', 'docs')

rmSync(to, { recursive: true, force: true })
mkdirSync(to, { recursive: true })
for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'LICENSE', 'NOTICE']) {
  cpSync(join(from, file), join(to, file === 'LICENSE' || file === 'NOTICE' ? `${file}.txt` : file))
}

writeFileSync(
  join(to, 'index.html'),
  `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <title>Aman API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="swagger-ui.css" />
  </head>
  <body>
    <div id="docs"></div>
    <script src="swagger-ui-bundle.js"></script>
    <script src="start.js"></script>
  </body>
</html>
`,
)

// The validator badge would ask another site; what is tried out goes to this one
// with the session that the browser has.
writeFileSync(
  join(to, 'start.js'),
  `SwaggerUIBundle({
  url: '/api/openapi.yaml',
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  presets: [SwaggerUIBundle.presets.apis],
})
`,
)
