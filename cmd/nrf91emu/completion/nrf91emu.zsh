#compdef nrf91emu
# Completion of nrf91emu for zsh: source <(nrf91emu completion zsh), behind compinit
_nrf91emu() {
	local -a found
	local line directive
	while IFS= read -r line; do
		case $line in
		:*) directive=$line ;;
		*) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
		esac
	done < <("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
	(( $#found )) && _describe -t values nrf91emu found
	case $directive in
	:files) compset -P '*='; _files ;;
	:command) _command_names -e; _files ;;
	esac
}
compdef _nrf91emu nrf91emu
