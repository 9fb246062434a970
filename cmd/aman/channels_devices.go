package main

import (
	"fmt"
	"os"
	"strings"

	"aman/api/intake"
)

// deviceFlags set up text messages and tracking apps; neither is on by default.
type deviceFlags struct {
	SMSGateways string `name:"sms-gateways" env:"AMAN_SMS_GATEWAYS" placeholder:"FILE" help:"SMS gateways that deliver here: a file of JSON, or the JSON itself (see the README)."`
	SMSNumber   string `name:"sms-number" env:"AMAN_SMS_NUMBER" placeholder:"NUMBER" help:"The number that takes text messages, as it is dialled; shown to citizens."`
	Tracking    string `env:"AMAN_TRACKING" enum:"on,off" default:"off" help:"on lets OwnTracks and Traccar Client send; a phone that is searched shows such an app (default: off)."`
}

// gateways reads the gateways that are set up; none without the setting.
func (f *deviceFlags) gateways() ([]intake.SMSGateway, error) {
	text := strings.TrimSpace(f.SMSGateways)
	if text == "" {
		return nil, nil
	}
	if !strings.HasPrefix(text, "[") {
		b, err := os.ReadFile(text)
		if err != nil {
			return nil, fmt.Errorf("read SMS gateways: %w", err)
		}
		text = string(b)
	}
	return intake.ParseSMSGateways([]byte(text))
}
