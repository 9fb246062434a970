package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
)

const (
	basemapPath  = "/basemap.json"
	contractPath = "/api/openapi.yaml"
	docsPath     = "/api/docs/"
	// fileOperation starts the names of the routes of files.
	fileOperation = "file "
)

// file is a static answer, read once at start.
type file struct {
	body  []byte
	gz    []byte // the same, compressed; nil where that gains nothing
	media string
	etag  string
	cache string
}

// mediaTypes are those that the built front end has; the system's table differs
// from machine to machine.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
	".yaml": "application/yaml; charset=utf-8",
}

// fileRoutes declares one route for each file that is served: what isn't listed
// here at start can't be asked for.
func (s *Server) fileRoutes(o Options) ([]route, error) {
	files := map[string]*file{}
	if len(o.Basemap) > 0 {
		files[basemapPath] = newFile(o.Basemap, "application/json", "public, max-age=86400")
	}
	files[contractPath] = newFile(contractYAML, mediaTypes[".yaml"], "no-cache")
	if o.Dist != nil {
		if err := addDist(files, o.Dist); err != nil {
			return nil, fmt.Errorf("read the front end: %w", err)
		}
	}
	var rs []route
	for p, f := range files {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			rs = append(rs, route{
				auth.Route{Method: method, Path: p, Operation: fileOperation + p, Permission: auth.Public, Scope: auth.ScopeNone}, f.serve,
			})
		}
	}
	if _, ok := files[docsPath]; ok {
		to := func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, docsPath) }
		rs = append(rs, route{auth.Route{
			Method: http.MethodGet, Path: strings.TrimSuffix(docsPath, "/"), Operation: "docs", Permission: auth.Public, Scope: auth.ScopeNone,
		}, to})
	}
	return rs, nil
}

// addDist lists the built front end: index.html is the console, docs/ the API's
// page; citizen/ goes into the citizens' page and isn't served by itself.
func addDist(files map[string]*file, dist fs.FS) error {
	return fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "citizen/") || name == "placeholder.txt" || strings.ContainsAny(name, ":*") {
			return err
		}
		body, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		media := mediaTypes[path.Ext(name)]
		if media == "" {
			media = mime.TypeByExtension(path.Ext(name))
		}
		if media == "" {
			media = "application/octet-stream"
		}
		cache := "no-cache" // asked for again each time, by ETag
		if strings.HasPrefix(name, "assets/") {
			cache = "public, max-age=31536000, immutable" // the name holds a hash of the content
		}
		f := newFile(body, media, cache)
		at := "/" + strings.TrimSuffix(name, "index.html")
		if docs, ok := strings.CutPrefix(name, "docs/"); ok {
			at = docsPath + strings.TrimSuffix(docs, "index.html")
		}
		files[at] = f
		return nil
	})
}

func newFile(body []byte, media, cache string) *file {
	sum := sha256.Sum256(body)
	f := &file{body: body, media: media, cache: cache, etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	if strings.HasPrefix(media, "image/png") || strings.HasPrefix(media, "font/") {
		return f
	}
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return f // can't be: the level is a constant
	}
	if _, err := w.Write(body); err != nil || w.Close() != nil || buf.Len() >= len(body) {
		return f
	}
	f.gz = buf.Bytes()
	return f
}

func (f *file) serve(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Cache-Control", f.cache)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(c.Request().Header.Get("If-None-Match"), f.etag) {
		return c.NoContent(http.StatusNotModified)
	}
	body := f.body
	if f.gz != nil && strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.gz
	}
	if c.Request().Method == http.MethodHead {
		h.Set("Content-Type", f.media)
		return c.NoContent(http.StatusOK)
	}
	return c.Blob(http.StatusOK, f.media, body)
}
