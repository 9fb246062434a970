package main

import "aman/api"

// messengerFlags set up the messengers that citizens write in; none is on by default.
// Tokens and secrets belong into the environment: arguments are seen by others on the
// machine.
type messengerFlags struct {
	TelegramToken  string `env:"AMAN_TELEGRAM_TOKEN" placeholder:"TOKEN" help:"The bot's token, from @BotFather; turns Telegram on."`
	TelegramName   string `env:"AMAN_TELEGRAM_NAME" placeholder:"NAME" help:"The bot's name, without @."`
	TelegramSecret string `env:"AMAN_TELEGRAM_SECRET" placeholder:"SECRET" help:"What Telegram shows with each update: 16 to 256 of A-Z a-z 0-9 _ -. Needed for the webhook."`
	TelegramMode   string `env:"AMAN_TELEGRAM_MODE" enum:"webhook,poll" default:"webhook" help:"webhook, or poll on a machine without a public address (default: webhook)."`
	TelegramAPI    string `name:"telegram-api" env:"AMAN_TELEGRAM_API" placeholder:"URL" help:"Where the Bot API is (default: https://api.telegram.org)."`

	WhatsAppToken       string `name:"whatsapp-token" env:"AMAN_WHATSAPP_TOKEN" placeholder:"TOKEN" help:"A system user's token of the Cloud API; turns WhatsApp on."`
	WhatsAppPhoneID     string `name:"whatsapp-phone-id" env:"AMAN_WHATSAPP_PHONE_ID" placeholder:"ID" help:"The number's phone_number_id."`
	WhatsAppAppSecret   string `name:"whatsapp-app-secret" env:"AMAN_WHATSAPP_APP_SECRET" placeholder:"SECRET" help:"The app's secret, with which Meta signs what it delivers."`
	WhatsAppVerifyToken string `name:"whatsapp-verify-token" env:"AMAN_WHATSAPP_VERIFY_TOKEN" placeholder:"TOKEN" help:"What Meta shows when the webhook is set up, at least 16 characters."`
	WhatsAppAPI         string `name:"whatsapp-api" env:"AMAN_WHATSAPP_API" placeholder:"URL" help:"Where the Graph API is, with its version (default: https://graph.facebook.com/v23.0)."`
}

// telegram is what is set up of Telegram; api.New refuses a half of it.
func (f *messengerFlags) telegram() api.TelegramOptions {
	return api.TelegramOptions{
		Token: f.TelegramToken, Name: f.TelegramName, Secret: f.TelegramSecret, API: f.TelegramAPI, Poll: f.TelegramMode == "poll",
	}
}

// whatsApp is what is set up of WhatsApp; api.New refuses a half of it.
func (f *messengerFlags) whatsApp() api.WhatsAppOptions {
	return api.WhatsAppOptions{
		Token: f.WhatsAppToken, PhoneID: f.WhatsAppPhoneID, AppSecret: f.WhatsAppAppSecret,
		VerifyToken: f.WhatsAppVerifyToken, API: f.WhatsAppAPI,
	}
}
