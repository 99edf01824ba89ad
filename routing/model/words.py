"""The small word lists that texts are read with: seven languages, all casefolded."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


STEMMERS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ru": "russian",
    "sv": "swedish",
}
"""Snowball's name for each language (ISO 639-1) that gets stems; words of any other stay as they are."""

STOP_WORDS = {
    "de": _set(
        """
    aber als am an auch auf aus bei bin bitte da das dass dein dem den der des die dir doch du ein eine
    einem einen einer er es euch euer für habe haben hallo hat hi ich ihr im in ist ja kann man mein
    meine meinem meinen meiner mich mir mit nach noch oder sehr sein sich sie sind so und uns vom von
    war was wenn wie wieso wir zu zum zur
    """
    ),
    "en": _set(
        """
    a am an and any are as at be been but by can could did do does for from get got had has have hello
    hey hi how i if im in is it its ive just me my of on or our please pls so that the their them then
    there they this to u was we were what when which who why will with would you your
    """
    ),
    "es": _set(
        """
    a al como con cuando de del desde el ella en es esta este esto estoy favor ha hay he hola la las le
    lo los me mi mis muy ni o para pero por que qué se ser si sin son su sus te tengo tu un una uno y ya
    yo
    """
    ),
    "fr": _set(
        """
    a ai au aux avec bonjour ce ces cet cette comment dans de des du elle en est et il ils je la le les
    leur lui ma mais me mes mon ne nous on ou où par pas plus pour quand que qui sa se ses si son sont
    sur ta te tu un une vos votre vous y
    """
    ),
    "it": _set(
        """
    a ai al alla anche c che chi ci ciao come con cosa da dal della delle di e ed gli ha ho i il in io
    la le lo ma mi mia mio ne nel nella o per perché più quando se si sono su tu un una uno vi è
    """
    ),
    "nl": _set(
        """
    aan als bij dat de deze die dit door een en er hallo heb heeft het hoe hoi ik in is je jij jullie
    kan maar me met mij mijn na naar niet nog of om ook op te tot uit van voor wat we wel wij ze zijn zo
    """
    ),
    "pt": _set(
        """
    a ao aos as boa bom com como da das de do dos e ela ele em esta estou está eu favor isso já mas me
    meu minha na nas no nos não o oi olá os ou para pela pelo por quando que se sem ser seu sua tem
    tenho um uma você vocês é
    """
    ),
}
"""Words that say nothing of the subject: kept short, because posts are short."""

ELISIONS = _set(
    """
    all c coll d dall dell j l lorsqu m n nell puisqu qu quell quoiqu s sull t un
    """
)
"""What French and Italian leave before an apostrophe."""

CHATTER = _set(
    """
    dear done having item items new our rt these user users way
    able about actually after again ago all already also always amp another answer anyone anything
    around back bad because before being best better big bit bought call called cant come customer day
    days didnt different dm doesnt doing dont down each either else even ever every everything far few
    find first fix fixed full gave getting give go going gone good great guys happen happened happening
    happens help here hour hours id idea ill instead into isnt issue issues keep keeps know last least
    let like link little lol long look looking lot love made make many maybe might minutes month months
    more morning most much must need needs never new next nice night no not nothing now off ok okay old
    once one only other out over own part people per problem problems put question quite rather read
    really reason reply right rt said same saw say says see seem seems send sent service set should show
    shows simply since some someone something soon sorry start started still stop stopped stuff such
    support sure take team tell than thank thanks thing things think those though time times today told
    tomorrow tonight too took tried tries true try trying two under understand until up us use used
    using very via wait waiting want wanted wants wasnt way week weeks well went weve where while
    without wonder wont work worked working works worse worst wrong yeah year years yes yesterday yet
    youre
    """
)
"""English words too common in support posts to name a topic."""

THANKS = _set(
    """
    appreciate appreciated bedankt cheers dank danke dankeschön dankje dankjewel dankuwel gracias grazie
    merci mercie obg obrigada obrigado ta thank thanks thankyou thnx thx tnx tx ty tysm tyvm valeu
    """
)
"""Words of gratitude."""

DOUBTS = (
    _set(  # en
        """
    advance also although another anymore anyway asap await awful broken bullshit but can cancel cannot
    cant charged could couldnt crap damn delay delayed delays didnt disappointed disgusting dm dmd dms
    doesnt done dont down email emailed error except fail failed fails form fuck fucked fucking hasnt
    hate havent hell hope hopefully how however if instead isnt issue issues joke late liar lied lies
    lost message messaged missing need never no nope not nothing overcharged please pls poor refund
    ridiculous rude ruined sarcasm send sent shame shit shortly should soon still stolen suck sucks
    terrible though too unless useless wait waiting want wasnt wasted wasting what when where who why
    will wish wont worse worst would wrong
    """
    )
    | _set(  # de
        """
    aber bitte falls fehler hoffe hoffentlich jedoch kann kaputt kein keine keinen könnt könnte leider
    nicht nie noch trotzdem voraus wann warte warum  wie wo
    """
    )
    | _set(  # es
        """
    antemano aunque aún cuándo cómo dónde error espero favor ni no nunca pero podría por pueden puedo
    qué todavía
    """
    )
    | _set(  # fr
        """
    avance cependant comment erreur espère jamais mais où pas peux pourquoi pourriez pouvez quand svp
    toujours
    """
    )
    | _set(  # it
        """
    ancora anticipo dove errore ma mai non perché però posso potete potreste quando spero
    """
    )
    | _set(  # pt
        """
    adiantado ainda antecipadamente antecipado erro espero mas nunca não onde podem porquê porém posso
    """
    )
    | _set(  # nl
        """
    alstublieft echter fout geen hoe hoop kan kunnen maar niet nog nooit voorbaat waar waarom wanneer
    """
    )
)
"""Words after which a thanks may be something else: doubt means question."""

COURTESY = (
    _set(  # en
        """
    a all am amazing an and are as at awesome back be being best big bless brilliant bunch by cheers
    cool crew customer day definitely doing ever excellent fab fabulous fantastic fast folks for from
    glad good great guy guys have having hello help helped helpful helping hey hi i im in is it its job
    just keep kind kindly kindness legend legends life lifesaver lot lots love loved lovely loving many
    me much my n na nice of oh ok okay omg on one our out outstanding perfect prompt quick quickly
    reaching really reply replying respond responding response saver service so soo sooo staff star
    stars such super superb support sweet swift team thank thanks that thats the their them these they
    this time to today true truly u ur us very was we welcome well were what with wonderful wow x xo
    xoxo xx xxx y yall yay yeah yep yes you your youre
    """
    )
    | _set(  # de
        """
    alles beste bester dank danke dankeschön das dem den der die du echt ein einfach euch euer eure für
    ganz gerne gute guten herzlichen hilfe ich ihr ist klasse lieb liebe lieben mega nett perfekt prima
    schnell schnelle schön sehr seid service spitze super tausend team toll tolle tollen top und vielen
    vielmals wunderbar
    """
    )
    | _set(  # es
        """
    amable amables amo ayuda buen buena buenas buenos de el encanta encantan equipo eres excelente
    genial gracias gran increíble la las les los me mejor mejores mil muchas muy os por que servicio
    sois son su todo tu un una vuestra y
    """
    )
    | _set(  # fr
        """
    adore aide aime au beaucoup bien bravo c de est et excellent gentil grand génial génialissime j je l
    la le les merci mille parfait pour rapide réponse super top un une vos votre vous à équipe êtes
    """
    )
    | _set(  # it
        """
    adoro aiuto amo bravi bravissimi di e gentile gentili grande grazie i il l la lo mille molto ottima
    ottimo per perfetto servizio siete tante tutto vi vostra vostro
    """
    )
    | _set(  # pt
        """
    a adoro ajuda amo as atendimento demais e equipe excelente melhor melhores muita muito o obrigada
    obrigado os pela pelo perfeito por show são valeu vocês ótima ótimo
    """
    )
    | _set(  # nl
        """
    bedankt dank dankjewel de een en erg fijn fijne geweldig goed goede hartelijk heel het hulp je
    jullie reactie snelle super top u veel voor wel zijn
    """
    )
)
"""What thanks and praise are made of: any other word in them is a reason for doubt."""

PRAISE = _set(
    """
    adore adoro amazing amo awesome best beste bester bravi bravissimi bravo brilliant encanta encantan
    excelente excellent fab fabulous fantastic genial geweldig great génial increíble klasse legend
    legends lifesaver love loved lovely loving mega mejor mejores melhor melhores ottima ottimo
    outstanding parfait perfect perfeito spitze superb toll tolle wonderful wunderbar ótima ótimo
    """
)
"""Words that make a post praise rather than small talk."""

SPAM = (
    r"\bfollow (?:me|back|4 follow|for follow)\b",
    r"\bf4f\b|\bl4l\b|\bfollowback\b",
    r"\bcheck out my (?:channel|page|profile|mixtape|music|song|store|shop|onlyfans|soundcloud|etsy)\b",
    r"\b(?:buy|get|gain|free) (?:\w+ )?(?:followers|likes|subscribers|views)\b",
    r"\b(?:bitcoin|crypto|forex|btc|eth|nft)s? (?:giveaway|investment|signals|profit|trading|presale)\b",
    r"\bdouble your (?:money|bitcoin|crypto|btc|investment)\b",
    r"\b(?:earn|make) \W?\d[\d.,k]*\W? (?:a|per|every|each|daily|weekly) ?(?:day|week|month|hour)?\b",
    r"\bwork from home and earn\b",
    r"\b(?:online|best) (?:casino|betting|pharmacy|viagra|cialis)\b",
    r"\bhot (?:singles|girls) (?:near|in) \w+",
    r"\b(?:whatsapp|telegram) (?:me|him|her) (?:on|at|via|for)\b",
    r"\b(?:he|she|they|expert|hacker) (?:helped|helps) me (?:recover|hack|get back) my \w+",
    r"\bpromo(?:te|tion) (?:your|it on|on) \w+",
)
"""Marks of advertisement; two different ones, or one with a link, make spam."""

SARCASM = frozenset("🙄😒🤔🙃😡🤬😠😤👎💩🤦😑😐🤨😩😫😭😢🖕😪😞😔😟🤷")
"""Emoji that turn a kind word round."""
