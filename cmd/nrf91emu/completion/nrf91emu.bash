# Completion of nrf91emu for bash: source <(nrf91emu completion bash)
_nrf91emu() {
	local -a words=()
	local word line directive= i
	# bash cuts words at = and :, which belong together here.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((${#words[@]})) && [[ $word == [=:]* || ${words[-1]} == *[=:] ]]; then
			words[-1]+=$word
		else
			words+=("$word")
		fi
	done
	local cur=${COMP_WORDS[COMP_CWORD]} whole=${words[-1]}
	[[ $cur == [=:] ]] && cur=
	local before=${whole%"$cur"}
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		:*) directive=$line ;;
		*)
			line=${line%%$'\t'*}
			COMPREPLY+=("${line#"$before"}")
			;;
		esac
	done < <("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null)
	case $directive in
	:files)
		compopt -o filenames 2>/dev/null
		while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
		;;
	:command)
		while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "$cur"; compgen -f -- "$cur")
		;;
	esac
	# A word that is to go on, such as sample:, gets no blank behind it.
	if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[=:] ]]; then
		compopt -o nospace 2>/dev/null
	fi
}
complete -F _nrf91emu nrf91emu
