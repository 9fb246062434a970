// Package openapi is generated from ../openapi.yaml: types, routes and the
// strict server interface. Nothing in it is written by hand but this file.
package openapi

//go:generate go tool -modfile=../../.ci/tools.mod oapi-codegen -config config.yaml ../openapi.yaml
