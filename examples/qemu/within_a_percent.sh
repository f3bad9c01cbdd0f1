#!/bin/sh
# within_a_percent.sh OLD NEW: shows where a number of NEW, a table of words or of commas, is more
# than 1 % from that of OLD, or where anything else differs, and fails if there is such a place.
paste -d'\n' "$1" "$2" | awk '
    { separator = index($0, ",") ? "," : " " }
    NR % 2 { columns = split($0, old, separator); line = $0; next }
    {
        bad = split($0, new, separator) != columns
        for (i = 1; i <= columns && !bad; i++) {
            number = old[i] ~ /^[0-9]+$/ && new[i] ~ /^[0-9]+$/
            change = new[i] - old[i]
            bad = number ? (change < 0 ? -change : change) > old[i] / 100 : old[i] != new[i]
        }
        if (bad) { print "was: " line "\nis:  " $0; any = 1 }
    }
    END { exit any }'
