package web

import _ "embed"

var (
	//go:embed src/citizen/device.html
	deviceTemplate string
	//go:embed src/citizen/device.js
	deviceScript string
)

// DevicePage is the source of the page on which a citizen sets a tracking app up: an
// html/template, with the styles of Citizen, and the script that stands in it.
type DevicePage struct{ Template, Script string }

// Device returns the source of the page for tracking apps.
func Device() DevicePage { return DevicePage{Template: deviceTemplate, Script: deviceScript} }
