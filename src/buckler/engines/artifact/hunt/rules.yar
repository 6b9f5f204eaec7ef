/*
   Rules for files that integrity does not explain. They may be sharper than rules for all files could be: what a registry published is
   never shown to them. Written for this project; facts about tools are those of the public descriptions named in `source`.
*/

import "elf"

private rule program { condition: uint32be(0) == 0x7f454c46 }

private rule readable { condition: not program and uint8(0) != 0 and filesize < 8MB }

rule miner_program {
    meta:
        severity = "high"
        confidence = "high"
        note = "it is a mining program, or carries one"
        source = "strings of XMRig, cpuminer and T-Rex as published by their authors"
    strings:
        $a1 = "stratum+" ascii
        $a2 = "mining.authorize" ascii
        $a3 = "\"method\":\"login\",\"params\":{\"login\":" ascii
        $a4 = "job_id" ascii fullword
        $b1 = "randomx" ascii nocase
        $b2 = "cryptonight" ascii nocase
        $b3 = "xmrig" ascii nocase
        $b4 = "kawpow" ascii nocase
        $b5 = "nicehash" ascii nocase
        $b6 = "donate-level" ascii
        $b7 = "huge-pages" ascii
        $b8 = "scrypt:" ascii
    condition:
        program and ((1 of ($a*) and 1 of ($b*)) or 3 of ($b*))
}

rule miner_wallet {
    meta:
        severity = "high"
        confidence = "medium"
        note = "it holds the address of a Monero wallet"
        source = "Monero's address format: 95 characters of base58 that begin with 4 or 8"
    strings:
        $wallet = /\b[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}\b/
    condition:
        filesize < 64MB and $wallet
}

rule reverse_shell {
    meta:
        severity = "high"
        confidence = "high"
        note = "it joins a shell to a connection"
        source = "one-line shells of public penetration testing notes"
    strings:
        $bash = /bash\s+-i\s*>?&?\s*[>&]*\s*\/dev\/tcp\// ascii
        $python = /pty\s*\.\s*spawn\s*\(\s*\[?\s*["']\/?(bin\/)?(ba)?sh/ ascii
        $dup = /dup2\s*\(\s*\w+\s*\.\s*fileno\s*\(\s*\)\s*,\s*[012]\s*\)/ ascii
        $perl = /perl\s+-e\s*.{0,20}use\s+Socket/ ascii
        $php = /fsockopen\s*\([^)]{1,80}\)\s*;.{0,80}(exec|shell_exec|proc_open)\s*\(/ ascii
        $ruby = /TCPSocket\.(new|open)\s*\([^)]{1,80}\).{0,120}(exec|popen)/ ascii
        $socat = /socat\s+\S{0,40}exec:.{0,20}sh/ ascii nocase
    condition:
        readable and any of them
}

rule program_with_shell {
    meta:
        severity = "high"
        confidence = "medium"
        note = "it is a tool that opens shells for others"
        source = "strings of Sliver, Meterpreter, Merlin, Chisel and Ligolo as published by their authors"
    strings:
        $a = "github.com/bishopfox/sliver" ascii nocase
        $b = "metsrv" ascii
        $c = "github.com/Ne0nd0g/merlin" ascii nocase
        $d = "github.com/jpillora/chisel" ascii nocase
        $e = "ligolo" ascii nocase
        $f = "core_channel_open" ascii
    condition:
        program and any of them
}

rule sends_function_credentials {
    meta:
        severity = "high"
        confidence = "medium"
        note = "it names the function's credentials beside an address that is not AWS's"
        source = "AWS Lambda Developer Guide, defined runtime environment variables"
    strings:
        $secret = "AWS_SECRET_ACCESS_KEY" ascii
        $session = "AWS_SESSION_TOKEN" ascii
        $raw = /https?:\/\/\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(:\d+)?\// ascii
        $local = /https?:\/\/(127\.|169\.254\.|0\.0\.0\.0)/ ascii
        $drop = /https?:\/\/[\w.-]*(ngrok\.io|ngrok-free\.app|webhook\.site|requestbin\.(com|net)|pipedream\.net|burpcollaborator\.net|oastify\.com|oast\.(pro|live|site|online|fun|me)|interact\.sh|beeceptor\.com|transfer\.sh|pastebin\.com|discord(app)?\.com\/api\/webhooks|api\.telegram\.org\/bot|trycloudflare\.com|serveo\.net|loca\.lt)/ ascii
    condition:
        filesize < 64MB and 1 of ($secret, $session) and ($drop or #raw > #local)
}

rule drop_address {
    meta:
        severity = "medium"
        confidence = "medium"
        note = "it knows an address made for catching what others send"
        source = "documentation of the services named"
    strings:
        $drop = /https?:\/\/[\w.-]*(ngrok\.io|ngrok-free\.app|webhook\.site|requestbin\.(com|net)|pipedream\.net|burpcollaborator\.net|oastify\.com|oast\.(pro|live|site|online|fun|me)|interact\.sh|beeceptor\.com|transfer\.sh|discord(app)?\.com\/api\/webhooks\/|api\.telegram\.org\/bot|trycloudflare\.com|serveo\.net|loca\.lt)/ ascii
    condition:
        filesize < 64MB and $drop
}

rule instance_metadata {
    meta:
        severity = "medium"
        confidence = "medium"
        note = "it knows where the credentials of containers and instances are had"
        source = "ECS and EC2 user guides, credentials endpoints"
    strings:
        $a = "169.254.169.254" ascii wide
        $b = "169.254.170.2" ascii wide
        $c = "/proc/self/environ" ascii
    condition:
        program and any of them
}

rule loader_of_memory {
    meta:
        severity = "high"
        confidence = "medium"
        note = "it runs a program that is on no disk"
        source = "memfd_create(2) and fexecve(3)"
    strings:
        $a = "memfd_create" ascii
        $b = "/proc/self/fd/" ascii
        $c = "fexecve" ascii
    condition:
        $a and 1 of ($b, $c) and filesize < 16MB and (readable or (program and filesize < 4MB))
}

rule hides_itself {
    meta:
        severity = "high"
        confidence = "high"
        note = "it is preloaded into every program to hide something"
        source = "published analyses of Symbiote, libprocesshider and Jynx"
    strings:
        $name = "ld.so.preload" ascii
        $a = "readdir64" ascii
        $b = "process_to_filter" ascii
    condition:
        program and ($b or ($name and $a and elf.type == elf.ET_DYN))
}

rule web_shell {
    meta:
        severity = "high"
        confidence = "high"
        note = "it runs what a request tells it to"
        source = "public collections of web shells"
    strings:
        $python = /(os\.(system|popen)|subprocess\.\w+|exec|eval)\s*\(\s*event\s*[\[.]/ ascii
        $node = /(execSync|exec|eval)\s*\(\s*event\s*[\[.]/ ascii
        $php = /(eval|assert|system|passthru|shell_exec)\s*\(\s*@?\$_(GET|POST|REQUEST|COOKIE)/ ascii
    condition:
        readable and any of them
}
