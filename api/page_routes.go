package api

import (
	"net/http"

	"aman/api/auth"
)

// linkPath is the citizen's page. What follows the # of a link stays in the browser.
const linkPath = "/s/:code"

// pageRoutes are the citizens' pages.
func (s *Server) pageRoutes() []route {
	p := newLinkPages(s)
	s.citizens = p
	declare := func(method, operation string, scope auth.ScopeKind) auth.Route {
		return auth.Route{Method: method, Path: linkPath, Operation: operation, Permission: auth.Public, Scope: scope}
	}
	return []route{
		{declare(http.MethodGet, "linkPage", auth.ScopeNone), p.get},
		{declare(http.MethodHead, "linkPage", auth.ScopeNone), p.get},
		{declare(http.MethodPost, "linkReport", auth.ScopeSubmit), p.post},
	}
}
