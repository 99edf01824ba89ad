"""The words that a title is made without: greetings, closings, pleas, interjections, insults (casefolded).

Each set holds the forms of several languages together: a word of one that means something else in another is
rare at the place where each set is asked, the beginning or the end of a sentence.
"""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


GREETINGS = _set(
    """
    hi hii hiii hello helo hey heya hiya hy howdy yo greetings dear morning evening afternoon gm
    hallo hallöchen moin servus grüezi guten liebe liebes lieber tach huhu
    bonjour salut bonsoir coucou cher chère
    hola buenas buenos holaa estimados estimado estimada
    olá ola oi bom boa prezados
    ciao salve buongiorno buonasera
    hoi goedemorgen goedemiddag goedenavond goedendag beste dag
    hej hejsan hei heisann moi terve cześć czesc witam ahoj dobrý dobry zdravím
    merhaba selam selamlar bună buna szia sziasztok helló
    привет здравствуйте здравствуй добрый доброе добрая привіт вітаю добрий
    γεια καλημέρα καλησπέρα
    مرحبا السلام سلام أهلا اهلا שלום היי
    halo hai xin chào chao नमस्ते नमस्कार สวัสดี สวัสดีครับ สวัสดีค่ะ
    こんにちは こんばんは おはようございます はじめまして 你好 您好 안녕하세요
    """
)
"""Words that a greeting begins with."""

AFTER_A_GREETING = _set(
    """
    there all guys team folks everyone everybody again support friends sir madam sirs people yall y'all
    good morning evening afternoon day night and please
    zusammen team leute tag morgen abend ihr an alle liebes
    tout le monde à tous l'équipe l equipe
    a todos equipo buenos buenas días dias tardes noches gente
    dia tarde noite pessoal gente equipe a todos tudo bem
    a tutti team
    allemaal team mensen dag
    alla alle hopa den večer wieczór dzień
    всем день вечер утро доброго времени суток день
    σας σε όλους عليكم ורحمة לכולם bạn ad shop kak min bang
    """
)
"""What may follow a greeting and still belongs to it."""

OPENERS = _set(
    """
    so ok okay well um umm uh uhh hmm hm erm btw fyi also and but anyway anyways actually basically lol lmao
    omg omfg wtf wth tf ffs smh bruh bro dude man oh ah ugh argh wow whoa yikes damn dammit geez jeez sigh yes
    no nope yeah yea yep please pls plz help sos urgent attention really seriously excuse sorry thanks thank
    jow rt ps
    also äh ähm tja naja ach oh hilfe bitte entschuldigung sorry mal und aber nun boah
    alors bon ben euh svp stp pardon désolé et mais donc aide bah
    pues bueno oye oigan disculpa disculpen perdón y pero ayuda favor
    então entao bom ajuda socorro mas desculpa desculpe gente aí
    allora beh scusate scusa aiuto dunque quindi raga
    nou zeg help en maar dus eh alstublieft aub
    ну так итак помогите пожалуйста извините и а но
    """
)
"""Words that open a sentence and say nothing."""

INTERJECTIONS = _set(
    """
    wtf wth tf lol lmao lmfao rofl omg omfg smh ffs bruh bro dude literally fucking fuckin
    fking freaking freakin frickin bloody goddamn damn darn effing flipping friggin f*cking f**king f***ing
    verdammt verdammte verdammten verfluchte
    putain bordel merde
    puto puta jodido joder
    porra caralho
    cazzo cavolo
    verdomme godverdomme
    блин блять нахрен
    """
)
"""Words that a sentence loses without losing its sense."""

INSULTS = _set(
    """
    idiot idiots idiotic moron morons stupid dumb dumbass asshole assholes a-hole bastard bastards bitch shit
    shitty bullshit bs crap crappy trash garbage scam scammers scammer thieves thief crooks liar liars clown
    clowns clusterfuck fuck fucked fuckers fucker motherfuckers suck sucks sucked ass joke pathetic disgusting
    disgrace worst useless incompetent hate shame cunt dick dickheads dickhead lazy ridiculous horrible awful
    terrible ripoff cocksuckers twats twat bollocks ballsack pricks prick wankers wanker
    scheiße scheiß scheiss scheisse mist drecksladen saftladen idioten betrüger abzocke abzocker arsch
    arschlöcher lügner dumm unfähig unverschämt schlimmste
    nul nuls nulle connard connards cons escrocs voleurs incompétents honte honteux
    mierda basura estafa estafadores ladrones inútiles idiotas vergüenza asco pésimo
    merda lixo golpistas ladrões incompetentes vergonha péssimo
    truffatori ladri vergogna schifo incapaci pessimo
    oplichters schandalig waardeloos kutzooi klote
    уроды мошенники дерьмо позор тупые идиоты
    """
)
"""Words that no title repeats: a sentence that holds one is taken only without it, or not at all."""

CLOSINGS = _set(
    """
    thanks thank thx thnx ty tia cheers regards sincerely best yours love
    danke dank grüße gruß grüßen gruss lg vg mfg viele
    merci cordialement bien amicalement
    gracias saludos atte atentamente
    obrigado obrigada grato grata abraços att
    grazie saluti
    bedankt groet groeten gr mvg alvast
    tack mvh hilsen kiitos dzięki dziękuję pozdrawiam děkuji díky teşekkürler mulțumesc köszönöm
    спасибо дякую ευχαριστώ شكرا شكراً תודה धन्यवाद cảm ขอบคุณ terima makasih
    ありがとう ありがとうございます よろしくお願いします 谢谢 謝謝 감사합니다
    """
)
"""Words that begin what is said at the end: thanks and regards, with whatever name follows."""

GENERIC = _set(
    """
    help helps helped helping please pls plz plss someone somebody anyone anybody everyone anything something
    everything nothing issue issues problem problems question questions need needs needed want wants fix fixed
    fixing figure look looking into asap sort sorted solve solved solution solutions resolve resolved answer
    answers reply respond response advise advice assist assistance assisting support explain contact call
    called calling speak talk email happen happens happened happening going wrong broken work working works
    wondering wonder know idea ideas thoughts tell try tried trying things thing stuff guys people get getting
    got do did does done doing make this that these those it its there here now still again ever even just
    really so much more very anymore again one two first time times way ways back right rn up out off on
    havent hasnt hadnt isnt arent wasnt werent couldnt wouldnt shouldnt youre theyre theyve weve thats theres
    heres aint im respectfully expect quick able unable
    can cant cannot could would should will wont shall may might must have has had having be been being am is
    are was were the a an to of for in at by with from about as if or and but not no yes nor than then too
    also i im ive id ill me my mine we our us you your yall u ur they them their he she his her what why how
    when where who which whats hows see seen seeing saw say says said experience experiencing experienced feel
    like
    confirm clarify dm tweet link links details info information number service customer
    asking ask asked waiting wait hours days weeks months minutes today yesterday tomorrow tonight
    week month year years day hour minute annoying frustrated frustrating frustration unacceptable beyond
    upset mad angry sad lost love great good bad better best nice fun happy kind hate crazy guess think
    thought hope hoping believe sure maybe probably though because since while until over under all any some
    every each both few many lot lots same other another else own only never always often already yet soon
    let lets keep keeps kept please ridiculousness regard regarding whole day moment literally come came comes
    go goes went give gives gave take takes took taking use put
    hilfe helfen hilft bitte jemand problem probleme frage brauche brauch bräuchte geht nicht mehr kann könnt
    können könnte mir mich ihr euch ich wir uns das die der den dem ein eine einen es ist sind war was wie
    warum wieso wo wann wer und oder aber noch immer schon mal auch nur so zu mit von bei für auf in an im am
    antwort melden meldung
    aide aider svp quelqu'un problème question besoin pouvez peux je j'ai vous nous c'est ce que qui quoi
    pourquoi comment est le la les un une des du de et ou mais pas plus encore toujours pour avec dans sur
    réponse ça fait faire
    ayuda ayudar ayuden alguien problema pregunta necesito pueden puede me mi yo no el la los las un una de
    que qué cómo por para con en y o pero ya es está hacer respuesta solución favor
    ajuda ajudar alguém problema pergunta preciso podem pode eu meu minha não o a os as um uma de do da que
    como por para com em e ou mas já é está fazer resposta
    aiuto aiutare qualcuno problema domanda bisogno potete può io mio mia non il lo la i gli le un una di del
    che come perché per con in e o ma già è sto fare risposta
    hulp helpen iemand probleem vraag nodig kunnen kan ik mij mijn niet geen het de een van dat die wat hoe
    waarom voor met in op en of maar al is zijn doen antwoord
    помогите помощь кто-нибудь проблема вопрос нужна можете у меня не это что как почему и а но
    """
)
"""Words that any post to any brand may hold: a sentence of nothing else is no title."""

LEANING = _set(
    """
    it its it's this that these those they them he she him her then there and but so because or which also
    neither nor therefore otherwise instead both same
    es das dies diese dieser dann und aber denn also deshalb er sie trotzdem
    ça cela c'est il elle ils elles et mais donc alors puis
    eso esto esta ese él ella y pero entonces además tampoco luego
    isso isto ele ela e mas então depois também
    questo quello lui lei e ma poi quindi anche
    dit dat deze die het en maar dus dan hij zij ook
    это этот она он они и а но тогда потом
    """
)
"""Words at the beginning of a sentence that lean on the one before."""

ASKING = _set(
    """
    how why what when where who which whose is are was were do does did can could will would should has have
    may any whats what's hows how's whens wheres isn't aren't don't doesn't can't won't
    wie warum wieso weshalb was wann wo wer welche welcher welches kann kannst könnt können könnte gibt ist
    sind hat habt haben wird werden muss darf
    comment pourquoi quand où qui que quoi quel quelle quels quelles combien est-ce peut-on pouvez-vous
    puis-je cómo como qué que cuándo cuando dónde donde quién cuál cuáles cuánto cuánta hay puedo pueden se
    quando onde quem qual quais quanto posso tem dá
    come perché quando dove chi quale quali quanto posso potete c'è si
    hoe waarom wat wanneer waar wie welke kan kunnen is zijn heeft mag
    как почему что когда где кто какой какая можно ли есть
    """
)
"""Words that a question begins with."""

JOINING = _set(
    """
    and but so because cause cuz coz bc since when while which who if or although though unless until where
    after before even despite instead including
    und aber weil wenn dass ob oder obwohl während seit nachdem damit
    et mais car parce quand lorsque qui si ou puisque alors depuis
    y pero porque cuando si o aunque mientras desde
    e mas porque quando se ou embora enquanto desde
    ma perché quando che se oppure mentre
    en maar omdat als terwijl sinds
    и но а потому когда если или чтобы хотя
    """
)
"""Words that begin another clause: a sentence that is too long may end before one."""

SUBJECTS = _set(
    """
    i i'm i've im ive my we we're our the a an your you there can't cannot how why what when where is are do
    does did can could will would should
    ich mein meine wir unser der die das ein eine ihr sie wie warum wann wo kann
    je j'ai mon ma mes nous notre le la les un une comment pourquoi quand
    yo mi mis no el la los las un una cómo por qué cuándo dónde
    eu meu minha não o a os as um uma como por quando onde
    io mio mia non il lo la un una come perché quando dove
    ik mijn wij de het een hoe waarom wanneer waar
    я мой моя мы не как почему когда где
    """
)
"""Words that a clause begins with which can stand alone."""

VERBS_OF_A_NAME = _set(
    """
    has needs keeps doesn't doesnt hasn't won't braucht tiene necesita precisa deve heeft moet
    """
)
"""Words behind a handle that show it to be what the sentence speaks of."""

SUBORDINATING = _set(
    """
    when whenever if after since as while once every wenn falls nachdem seit als während quand lorsque si
    depuis cuando después desde mientras quando se depois enquanto dopo mentre nadat sinds terwijl когда если
    """
)
"""Words that begin a clause which leans on another: alone it says when, and never what."""

LOOSE = JOINING | _set("or even ever just only & both the a an my your to of")
"""Words that a title does not end with: they join it to what was cut off."""

BEFORE_A_NOUN = _set(
    """
    in on at with from to for of by the my your our a an is are does has do and via through about using into
    bei mit von auf an für im am mein meine der die das zu über
    avec chez de du sur par pour à mon ma le la
    en con de por para mi el la a
    em no na com do da meu minha o
    su di da per con il la mio
    bij met van op voor mijn de het naar
    в на с от для по из
    """
)
"""A handle behind one of these is a thing, not somebody addressed."""

PHRASES = _set("no man help hilfe aide ayuda ajuda aiuto really urgent attention thank thanks excuse sorry")
"""Openers that begin a phrase when words follow: ``no sound``, ``help with``."""
