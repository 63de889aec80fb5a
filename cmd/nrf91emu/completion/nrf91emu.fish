# Completion of nrf91emu for fish: nrf91emu completion fish | source
function __nrf91emu_complete
	set -l words (commandline -opc)
	set -l cur (commandline -ct)
	for line in ($words[1] complete -- $words[2..-1] "$cur" 2>/dev/null)
		switch $line
			case ':none'
			case ':files' ':command'
				__fish_complete_path (string replace -r '^--[a-z-]+=' '' -- $cur)
			case '*'
				echo $line
		end
	end
end
complete -c nrf91emu -f -a '(__nrf91emu_complete)'
