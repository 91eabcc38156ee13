-- Retries formats that earlier releases could not decode.
UPDATE recordings SET peaks_state = NULL
WHERE peaks_state = 'NoDecoder' AND content_type <> 'audio/mp4';

UPDATE recordings SET silenced_for = '', silenced_state = NULL, silenced_stretches = NULL
WHERE silenced_state = 'NoDecoder' AND content_type <> 'audio/mp4';
