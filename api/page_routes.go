package api

import (
	"net/http"

	"aman/api/auth"
)

// linkPath is the citizen's page. What follows the # of a link stays in the browser.
const linkPath = "/s/:code"

// pageRoutes are the citizens' pages.
func (s *Server) pageRoutes(o Options) []route {
	p := newLinkPages(s, o)
	s.citizens = p
	declare := func(method, path, operation string, scope auth.ScopeKind) auth.Route {
		return auth.Route{Method: method, Path: linkPath + path, Operation: operation, Permission: auth.Public, Scope: scope}
	}
	device := newDevicePage(s.trackers)
	return []route{
		{declare(http.MethodGet, "", "linkPage", auth.ScopeNone), p.get},
		{declare(http.MethodHead, "", "linkPage", auth.ScopeNone), p.get},
		{declare(http.MethodPost, "", "linkReport", auth.ScopeSubmit), p.post},
		{declare(http.MethodPost, "/map", "linkMap", auth.ScopeNone), p.chart},
		{declare(http.MethodGet, "/data", "linkData", auth.ScopeNone), p.data},
		{declare(http.MethodPost, "/data", "linkAsk", auth.ScopeSubmit), p.data},
		{declare(http.MethodPost, "/read", "linkRead", auth.ScopeNone), p.read},
		{declare(http.MethodGet, "/device", "linkDevicePage", auth.ScopeNone), device.get},
		{declare(http.MethodPost, "/device", "linkDevice", auth.ScopeSubmit), device.post},
	}
}
