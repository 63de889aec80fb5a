// Package provision puts credentials into a modem over an AT port, the way
// Nordic's modem_key_mgmt library does from inside the chip: the same questions,
// the same commands on the wire, the same errors. It works on the emulator and on
// real hardware.
//
// Ensure is the habit worth having, as one call: ask whether the credential is
// there, compare it, write it only when it differs, and verify it. A modem's flash
// wears with each write; a program that calls Ensure at every start writes once.
//
//	client := atcmd.NewClient(port, atcmd.ClientOptions{})
//	defer client.Close()
//	key := keystore.Key{SecTag: 24, Type: keystore.RootCA}
//	outcome, err := provision.New(client).Ensure(ctx, key, pem)
//
// Credentials can be written and deleted only while the modem is offline; the
// error says so otherwise, unless Manager.Offline lets Ensure take it offline.
package provision
