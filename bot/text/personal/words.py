"""The words that say what a number is, in English, German, French, Spanish, Italian, Portuguese and Dutch.

All patterns match case-insensitively on text folded to compatibility form; they are parts of regular
expressions and are joined by its neighbours.
"""

ORDER = (
    r"orders?|ord|ordernumber|ordernummer|order\s?id|po\s?number|bookings?|booked|reservation|confirmation|conf|pnr|locator|"
    r"reference|ref|refs|tracking|track|trk|parcel|package|shipment|consignment|waybill|awb|invoice|receipt|"
    r"case|claim|transaction|txn|complaint|incident|tickets?\s?(?:no|num|number|nr|id|ref)?|e-?ticket|"
    r"support\s?ticket|service\s?request|rma|return\s?(?:number|no|id)|"
    r"bestell(?:ung|nummer|nr)?|bestell-?\s?(?:nr|nummer)|auftrag(?:s(?:nummer|nr))?|auftrags-nr|buchung(?:s(?:nummer|nr|code))?|"
    r"sendung(?:s(?:nummer|verfolgung))?|sendungsnr|rechnung(?:s(?:nummer|nr))?|vorgang(?:s(?:nummer|nr))?|ticketnummer|"
    r"aktenzeichen|commande|r[ée]servation|colis|suivi|facture|dossier|r[ée]f[ée]rence|n°\s?de\s?(?:commande|suivi|dossier)|"
    r"pedidos?|reserva|factura|env[ií]o|seguimiento|localizador|expediente|referencia|incidencia|"
    r"ordine|ordini|prenotazione|spedizione|fattura|pratica|tracciamento|riferimento|segnalazione|"
    r"encomenda|fatura|rastreio|rastreamento|protocolo|refer[êe]ncia|c[óo]digo\s?de\s?rastreio|"
    r"bestelling(?:en)?|bestelnummer|bestelnr|ordernr|pakket|factuur(?:nummer)?|boeking(?:snummer)?|zending|zaaknummer|dossiernummer|"
    r"kenmerk|retournummer|track\s?(?:&|and)\s?trace"
)

ACCOUNT = (
    r"acc(?:ount|t)?|a/c|account\s?(?:number|no|num|id)|acct|customer\s?(?:number|no|id|ref)|client\s?(?:number|no|id)|"
    r"member(?:ship)?(?:\s?(?:number|no|id))?|policy(?:\s?(?:number|no))?|loyalty|rewards?\s?(?:number|no|card)|"
    r"frequent\s?flyer|ff\s?(?:number|no)|skymiles|mileage\s?plus|nectar|clubcard|sort\s?code|routing|aba|ssn|social\s?security|"
    r"passport|licen[cs]e\s?(?:number|no)|nhs\s?(?:number|no)|national\s?insurance|ni\s?(?:number|no)|imei|serial|s/n|meter\s?(?:number|no)|"
    r"iban|swift|bic|user\s?id|login\s?id|contract|subscriber\s?(?:number|id)|tax\s?id|"
    r"kunden(?:nummer|nr|-nr|konto)|kundennr|kd\.?-?nr|konto(?:nummer|nr)?|vertrag(?:s(?:nummer|nr|konto))?|mitglied(?:s(?:nummer|nr))?|"
    r"versicherungs(?:nummer|nr)|z[äa]hler(?:nummer|nr)?|ausweis(?:nummer)?|steuer-?id|seriennummer|"
    r"compte|num[ée]ro\s?client|n°\s?client|client\s?n°|contrat|adh[ée]rent|abonn[ée]|s[ée]curit[ée]\s?sociale|s[ée]cu|"
    r"cuenta|n[úu]mero\s?de\s?cliente|cliente|contrato|socio|p[óo]liza|dni|nie|nif|"
    r"conto|codice\s?(?:cliente|fiscale)|numero\s?cliente|contratto|tessera|utenza|polizza|"
    r"conta|n[úu]mero\s?de\s?cliente|n\.?º?\s?cliente|contribuinte|cpf|ap[óo]lice|"
    r"rekening(?:nummer)?|klant(?:nummer|nr)|lidmaatschap(?:snummer)?|lidnummer|contract(?:nummer)?|polis(?:nummer)?|bsn"
)

BORN = (
    r"dob|d\.o\.b\.?|date\s?of\s?birth|birthday|birth\s?date|born(?:\s?on)?|geb(?:oren|\.)?(?:\s?am)?|geburtsdatum|"
    r"n[ée]e?\s?le|nacid[oa](?:\s?el)?|fecha\s?de\s?nacimiento|nat[oa]\s?il|data\s?di\s?nascita|nascid[oa](?:\s?em)?|"
    r"data\s?de\s?nascimento|geboortedatum|geboren(?:\s?op)?"
)

PHONE = (
    r"call(?:ing|ed)?|phone|ph|tel|telephone|mobile|mob|cell|cellphone|text(?:ed)?|sms|whats\s?app|wa|ring|reach|contact|"
    r"dial|landline|callback|fax|"
    r"my\s?(?:number|num|no|nr|#)|number\s?is|num\s?is|telefon(?:nummer|isch)?|tel\.|handy(?:nummer|nr)?|anruf\w*|ruft|rufen|"
    r"r[üu]ckruf|festnetz|mobilnummer|nummer|erreichbar|t[ée]l[ée]phone|t[ée]l|portable|appel(?:er|ez)|rappel(?:er|ez)?|joindre|"
    r"joignable|mon\s?num[ée]ro|num[ée]ro|tel[ée]fono|m[óo]vil|celular|ll[áa]m\w*|mi\s?n[úu]mero|n[úu]mero|"
    r"telefono|cellulare|cell|chiam\w*|numero|recapito|telefone|telem[óo]vel|lig(?:ar|uem|ue|em)|contacto|"
    r"contato|bel(?:len)?|gebeld|telefoonnummer|mobiel|06-?nummer|bereikbaar"
)

CARD = (
    r"card|visa|master\s?card|amex|credit|debit|cc|kreditkarte|karte|carte|tarjeta|carta|cart[ãa]o|creditcard|kaart|"
    r"cart[ãa]o|bancomat|girocard|maestro"
)

LIVES_AT = (
    r"i\s?live\s?(?:at|on)|my\s?(?:home\s?|new\s?|full\s?|delivery\s?|shipping\s?|billing\s?)?address(?:\s?is|\s?:)|"
    r"address\s?(?:is|:)|(?:ich\s?)?wohne|(?:meine\s?)?(?:neue\s?)?(?:liefer)?(?:adresse|anschrift)|(?:mon\s?)?adresse|"
    r"j'?\s?habite|(?:mi\s?)?direcci[óo]n|vivo\s?en|(?:il\s?mio\s?)?indirizzo|abito\s?in|(?:a\s?minha\s?)?morada|"
    r"(?:meu\s?)?endere[çc]o|moro\s?(?:na|no|em)|(?:mijn\s?)?adres|ik\s?woon"
)

SENT_TO = (
    r"deliver(?:ed|y)?\s?(?:it\s?)?to|ship(?:ped)?\s?(?:it\s?)?to|sen[dt]\s?(?:it\s?|them\s?)?to|left\s?(?:it\s?)?at|"
    r"liefern\s?an|livrer\s?au|entregar\s?en|consegnare\s?in|entregar\s?na|bezorgen\s?op"
)

UNITS = (
    r"minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|miles?|km|times?|people|customers?|am|pm|percent|"
    r"euros?|dollars?|pounds?|bucks|stars?|more|of|to|and|or|in|for|different|minuten|stunden|tagen?|wochen|monaten?|jahren?|"
    r"jours?|heures?|mois|ans|semaines?|d[ií]as?|horas?|meses|a[ñn]os?|semanas?|giorni|ore|mesi|anni|settimane|anos|dagen|"
    r"weken|maanden|jaar|uur|mal|keer|fois|veces|volte|vezes|points?|followers|subscribers|subs|views|likes|coins|credits|gold|photos|songs|songs|"
    r"files|emails|messages|orders|mb|gb|tb"
)
"""What a number counts or measures when it is no house number."""

MAIL = r"e-?mail|mail|gmail|correo|courriel|m[ée]l|posta|address|adresse|contact|reach|inbox|write|schreib\w*"

_ROLES = """
    abuse admin aide ajuda apoio assistance assistenza atencion atencionalcliente ayuda billing care
    careers contact contacto customercare customerservice datenschutz donotreply feedback hello help
    helpdesk hilfe info jobs klantenservice kontakt kundendienst kundenservice legal media no-reply
    noreply office phishing postmaster press presse privacy report reportphishing sales security service
    serviceclient services servizioclienti soporte spam spoof stop-spoofing suporte support team
    webmaster
"""

ROLES = frozenset(_ROLES.split())
"""Mail boxes of an organisation, not of a person."""

MAIL_HOSTS = (
    r"g(?:oogle)?mail|hotmail|outlook|live|yahoo|ymail|icloud|me|mac|aol|msn|proton(?:mail)?|pm|gmx|web|t-online|"
    r"freenet|orange|wanadoo|free|laposte|sfr|libero|virgilio|tiscali|alice|sapo|uol|bol|terra|ziggo|kpnmail|planet|"
    r"btinternet|sky|talktalk|comcast|verizon|att|sbcglobal|rocketmail|fastmail|mail|zoho|example"
)

NOT_PERSONAL_BEFORE = (
    r"error|err|errors|code|codes|fehler(?:code)?|erreur|errore|erro|fout(?:code)?|version|v|ver|build|firmware|update|kb|"
    r"ios|android|windows|win|macos|patch|flight|flug|vol|vuelo|volo|voo|vlucht|train|zug|bus|model|modell|mod[èe]le|modelo|"
    r"modello|channel|kanal|season|episode|page|level|gate|platform|room|seat|aisle|bug|issue|mc|commit|hash|sku|upc|ean|"
    r"isbn|gtin|asin|barcode|timestamp|epoch|unix|item|art(?:icle|ikel)?|part|promo|coupon|voucher|gift|£|\$|€"
)
