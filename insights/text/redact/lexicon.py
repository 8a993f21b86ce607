"""Words the name finder leans on: given names, surnames, and words that are never a person's name after a cue.

The lists are modest and serve as weak cues only: a listed name counts when it is written like a name or stands where names stand.
Names that are also everyday words, brands or places (``AMBIGUOUS``) need a stronger cue.
"""

from __future__ import annotations

from insights.text.redact.view import words_of

_GIVEN = """
aaron abbie abby abdul abdullah abel abena abigail abraham ada adam adele adrian adriana adrien agata agnes agnieszka agustin ahmad
ahmed ahmet aidan aiden aileen aimee aino aisha aishwarya ajay akash akira alan alana alastair albert alberto alec alejandra alejandro
aleksander aleksandra aleksi alena alessandra alessandro alessia alex alexander alexandra alexandre alexandru alexey alexis alfie
alfonso alfred ali alice alicia alina alisha alison allan allen allison alma alojz alonso alvaro alyssa amanda amara amelia amina amir
amit amy ana anais anand anastasia anders andre andrea andreas andrei andres andrew andrey andrzej andré andy anette angela angelica
angelika angelina angelo angus anika anil anisha anita anja anjali ankit anna annabelle anne annette annie annika anouk anthony antoine
anton antonia antonio anya aoife archie ariana arjun armando arnaud arne arnold arthur artur arun arvid asha ashley ashok ashraf astrid
asuka audrey august augusto aurelie aurora ava axel ayesha ayse aziz barbara barbora barry bartosz bashir basil beata beatrice beatriz
becky ben benedict benito benjamin benoit bernadette bernard bernd bernhard bertha bessie beth bethany betty beverley beverly bianca
bilal birgit bjorn björn bob bogdan boris brad bradley brandon branko breda brenda brendan brent brett brian brianna bridget brigitte
britney brittany bruce bruno bryan bryce caitlin caitlyn callum calvin cameron camila camilla camille carina carl carla carlo carlos
carly carmen carol carole carolina caroline carolyn carrie casper catarina catherine cathy cecile cecilia cedric celia celine cesar
cettina chad chandra chantal charles charlie cheng cheryl chiara chidi chinedu chloe chris christa christian christiane christina
christine christoph christophe christopher chun ciara ciaran cillian cindy claire clara clarence claude claudia claudio claus clemens
clement cliff clifford clive colette colin colleen connie connor conor constantin consuelo cora corey corinna corinne cornelia cornelius
courtney craig cristian cristina curtis cyril dagmar daisuke dalia damian damien damir dan dana daniel daniela daniele danielle daniil
danny daphne darius darko darragh darren dave david davide debbie deborah debra declan deepa deepak deirdre delia denis denise deniz
dennis derek dermot desmond deven devon diana diane diego dieter dilip dimitri dimitris dina dinesh dirk divya dmitri dmitry dolores
dominic dominik dominika dominique donal donald donna doreen doris dorota dorothy doug douglas dragan duncan dusan dustin dwayne dylan
eamon eddie edgar edith edmund eduardo edward edwin eero eileen eimear einar eino eira elaine eleanor elena eleni elias elif elin elina
eliot elisa elisabeth elise elizabeth ella ellen ellie elliot elliott elsa elsie elvira emeka emil emilia emilie emily emma emmanuel
emre enrico enrique eoghan eric erica erik erika erin ernest ernesto ernst erwin esmeralda esperanza esra esteban estelle esther ethan
ethel etienne eugene eugenia eva evan eve evelyn ewa ewan ewelina fabian fabio fabrice faina fang farah farid fatima federica federico
felicia felicity felipe felix ferdinand ferenc fergus fernanda fernando filip filippo finn fiona fionnuala flavia flavio floriane
francesca francesco francine francisca francisco francois franz françois fred freda freddie frederic frederick frederik freya frida
fritz gabby gabor gabriel gabriela gabriele gabriella gail gareth gary gavin gayatri geeta gemma geoff geoffrey george georgina gerald
geraldine gerard gerardo gerhard gert gertrude gianluca gianni gilbert giles gillian gina giorgio giorgos giovanna giovanni gisela
giulia giuseppe gladys glenn gloria gopal goran gordon grainne grazyna greg gregor gregory greta grzegorz guadalupe guido guillaume
guillermo gunnar gunther gustav gustavo gwen gwendolyn gábor hamza hana hannah hanne hannele hans hao harald hardeep harish harold
harpreet harriet harry haruki haruto harvey hasan hassan hazel heather hector heidi heike heikki heinrich heinz helen helena helene
helga helmut hemant hendrik henri henrietta henrik henrique henry herbert herman hermann hilary hilda hiro hiroshi holger howard hubert
hugh hugo hui humberto hussain hussein hyun ian ibrahim ida ifeoma ignacia ignacio igor ilaria ilona ilse imran ines inga inge ingeborg
ingrid inka ioana ioannis irena irene irina irma isaac isabel isabella isabelle ismail istvan istván itziar ivan ivana ivo jacek jacinta
jack jackie jacob jacqueline jacques jaime jakob jakub jamal james jamie jan jana jane janet janice janina janka janne jared jarmila
jarmo jaroslav jaroslaw jasmin jason javier jaya jean jeanette jeanne jeff jeffery jeffrey jelena jen jennifer jenny jens jeremy jerome
jerry jesper jess jesse jessica jessie jie jill jim jimena jimmy jing jiri jisoo jitka jo joan joana joanna joanne joao joaquin jocelyn
jodie joe joel johan johann johanna johannes john johnny jon jonas jonathan jordi jorge jose josef josefine joseph josephine josh joshua
josie josip josé joyce jozef jožef juan juanita judit judith judy juha juhani jukka jules julia julian juliana julie julien juliet
julieta juliette julio julius jurgen jussi justin justina justyna jutta jürgen kai kaija kaisa kamal kamil kamila kapil kara karel
karen kari karim karin karina karl karla karlo karolina kasia kasper katarina katarzyna kate katerina katharina katherine kathleen
kathryn kathy katie katja katrin katrina katrine kavita kavya kayla kazuki keiko keith kelly kelvin ken kenji kenneth kenta kerry
kerstin kevin khalid kiera kieran kim kimberly kiran kirsi kirsten kirsty kjell klara klaus kofi konrad konstantin krishna kristen
kristian kristina kristine kristjan krisztián krystyna krzysztof kumar kurt kwame kyle lachlan lajos lakshmi lalit lara larissa larry
lars lasse laszlo laura lauren laurence laurent lauri laurie lawrence layla lea leah leena lei leila lena lennart leo leon leona leonard
leonardo leonie leopold lerato leroy lesley leslie leticia lewis leyla liam lidia liisa lilian liliana lillian linda lindsay lindsey
ling linh linus lisa lise livia liz lois lorena lorenzo loretta lorna lorraine lothar lou louis louisa louise luc luca lucas lucia lucie
lucille lucinda lucy ludmila ludwig luigi luis luisa lukas lukasz luke lydia lynn lászló lívia mabel macarena maciej madeleine madison
maeve magda magdalena magnus mahmoud mairead maja malcolm malgorzata malin manfred manish manny manoj manuel manuela marc marcel marcela
marcella marcia marcin marco marcos marcus marek margaret margarita margit margot maria mariam marian mariana marianne marie marija
marika mariko marilyn marina mario marion marisa marisol marit marius marjorie marko markus marlene marta martha martin martina martti
martyn marvin mary maryam massimo mateo mateusz mathias mathieu mathilde matias matilda matt matteo matthew matthias matti maureen
maurice mauricio mauro max maxime maximilian maxine meena meg megan mehmet mei melanie melinda melissa mercy meredith merja mert mette
mia michael michaela michal michel michele michelle mick miguel mihai mika mikael mike mikhail mikko mila milan milena milica millie
milos milton mina ming minh minji minna mira miranda miriam mirjam mirko misaki mitchell mohamad mohamed mohammad mohammed mohan mohit
moira molly mona monica monika monique montserrat moritz morten muhammad muriel murray mustafa myriam nadia nadine nadja nancy naoki
naomi nat natalia natalie natasha nathalie nathan nathaniel naveen neal ned neha neil nell nellie nelson ngozi nguyet niall niamh
nicholas nick nicki nicola nicolas nicole niels nigel niina nikhil nikita nikola nikolai nikolaos nikos nils nina nisha nitin noah noel
noemi nomsa noor nora norbert noreen norma norman nuno nuria olaf ole oleg olga oliver olivia olivier olu oluwaseun omar orla orva oskar
osman otto owen pablo padma padraig paige pallavi pam pamela paola paolo pascal patricia patricio patrick patrik patrycja patsy patti
paul paula paulina pauline paulo pavel pawel pedro peggy penelope perry pete peter petra petri petros phil philip philippa philippe
phillip phoebe phuong pia pierre pieter pietro pilar piotr pooja pradeep prakash preeti priya priyanka quentin rachael rachel rachid
radek rafael rafal rahul raimo raj rajesh rajiv rakesh ralf ralph ramesh ramon ramona ramya ranjit raphael raquel rashid raul ravi
raymond rebecca reginald reinhard rekha renata renate rene renee rené reuben ricardo riccardo richard rick ricky riikka rita ritu rob
robbie robert roberta roberto robin rocio rodney rodrigo roger rohan rohit roisin roland rolf roman ron ronald ronan ronnie rosa rosalie
rosanna rosario roselyn rosemarie rosie ross roxanne roy ruben rudolf rudy rufus rui rupert russell ruth ryan sabina sabine sabrina
sachin said saira sakura sally salman salvador salvatore sam samantha sami samir samuel sandeep sandra sandro sangeeta sanjay sanna
santiago saoirse sara sarah sascha sasha satoshi saul scott sean sebastian selina serena serge sergei sergey sergio shane shannon sharon
shaun shauna shawn sheila shelley shilpa shirley shreya sid siddharth sidney siegfried sigrid siiri silke silvia silvio simon simona
simone sinead siobhan sipho sirpa slavko slobodan smita sneha sofia sofie soledad sonal sonia sonja sophia sophie sorcha soren spyros
srinivas stacey stacy stan stanislav stanley stefan stefania stefanie stefano stella steph stephan stephane stephanie stephen steve
steven stewart stig stuart subhash sudhir sue suleiman sumit sunghoon sunil sunita suresh surya susan susana susanna susanne susie
suzanne svein sven svetlana swati sylvia sylvie szabina szabolcs søren tadeusz tadhg takeshi tamara tamas tamás tania tanja tanvi tanya
tara tarek tariq tatiana taylor ted tendai terence teresa teri terri terry tess tessa thabo thanh thea thelma theo theodore theresa
therese thierry thomas thorsten tiago tiffany tihana tim timo timothy tina tobias toby todd tom tomas tomasz tommy tomomi tomás toni
tony tracey tracy trevor trish tristan trudy tunde tuomas tyler ubul ugo ulf ulla ulrich ulrike uma umar ursula usha ushurma uta uwe
vaclav vadim valentin valentina valeria valerie valeriy vanessa varun vasco vasile veera velma vera verena vernon veronica veronika
vicki vicky victor vidya vijay vikram viktor viktoria ville vinay vince vincent vincenzo vinod viola violeta virpi vishal vivek vivian
viviana vivien vlad vladimir volker václav wade walter wanda wanjiru wayne wei wen wendy werner wilfred wilhelm willem william willie
wilma winston wojciech wolfgang xavier xiaoming ximena xin yan yannick yash yasmin yasmine yaw yifan yoko yolanda yosef yousef yuki yumi
yuri yusuf yves yvette yvonne zach zachary zahra zainab zara zdenek zhang zita zlatko zoe zofia zoltan zoltán zsofia zsuzsanna zuzana
šárka
"""

# Also everyday words, places or brands: never on the strength of the list alone.
_AMBIGUOUS = """
adelaide alexa amber angel april archer art ash asia aspen august austin autumn baker basil bill bishop blake bond booker brook brooke
carter charity charlotte chase chelsea chester chip christian chuck clay cole crystal daisy dakota dale dallas dawn dean destiny dick
dolly don drew duke dusty earl eden elton emerald faith fern fleur flora florence forest forrest frank gay gene georgia ginger glen
grace grant guy harmony haven heath heaven holly hope houston hunter iris israel ivory ivy jade jan jasper java jay jersey jewel jordan
joy june justice kent king lance lee lexus lily lincoln logan london lourdes lynn madison madonna major marina mark mason max may melody
mercedes mercy milan miles misty morgan nelson nick noel norm olive orlando paris parker pat patience pearl penny pepper phoenix pilot
piper poppy porter price prince queenie ray reed regina rich rob robin rocky rod rosario rose rosemary ruby rusty sage sandy santiago
savannah shelby sierra siri skip sky skye slade sofia sonny stone storm sue summer sunny sydney tanner taylor tiffany tiger trent
trinity troy tucker tyson valencia victoria violet virginia wade ward warren watson wells wesley west will willow windsor wolf woody
young
"""

_SURNAMES = """
abbott adams ahmed alexander ali allen andersen anderson andersson andrews armstrong arnold ashton atkinson austin bailey baker baldwin ball banerjee
barber barker barnes barnett barrett bates bauer baxter becker begum bell bennett benson berg berger bernard bianchi bishop black blair blake bond
bowen boyd bradley brady brennan brewer briggs brooks brown bruce bryant burgess burke burns burton butler byrne cameron campbell carlson carr
carroll carter castillo castro chambers chan chandra chapman charles chavez chen christensen christiansen clark clarke clarkson cohen cole coleman
collins colombo connolly cook cooke cooper costa cox craig crawford cruz cummings cunningham curtis da silva dahl dalton daly daniels davidson davies
davis davison dawson day dean delaney desai diaz dixon doherty dolan donnelly donovan doyle dubois duffy duncan dunn durand dvorak edwards egan elliott
ellis eriksson esposito evans farrell fernandes fernandez ferrari ferreira fischer fisher fitzgerald fitzpatrick fleming fletcher flores flynn
foley forbes ford foster fowler fox francis franklin fraser freeman fuchs fuller gallagher garcia gardner garner george gibbs gibson gilbert gill
gomez gonzales gonzalez goodwin gordon graham grant gray green greene greenwood griffin griffiths gupta gutierrez hague hall hamilton hansen hanson
harding harper harris harrison hart harvey hawkins hayes healy henderson henriksen hernandez herrera higgins hill hoffman hoffmann holland holmes holt
horvath howard howell huber hudson hughes hunt hunter hussain ivanov ivanova iyer jackson jacobs jacobsen jakobsen james jansen jansson janssen
jenkins jensen jimenez johansen johansson john johnson johnston jones jordan jørgensen joseph joshi joyce kaiser kaminski kane kapoor karlsson kaur
keane keller kelley kelly kennedy kennelly kenny khan kim king klein knight kovac kovacs kowalczyk kowalski kowalska kozlov kramer krause krüger kumar
kuznetsov lambert lane lang larsen larsson lawrence lawson leblanc lee lehmann leroy lewandowski lewis li lim lin lindberg lloyd long lopez lowe lucas
lynch macdonald mackenzie maclean maguire maher mahmood malik maloney marino marsh marshall martin martinez mason masood matthews mccarthy mcdonald
mcdonnell mcgrath mckenna mckenzie mclean mcmahon mcnamara medina mehta meier mendez mendoza meyer meza michaud miller mills mitchell moore morales
moran moreau moreno morgan morris morrison moser moss müller mueller muller munoz murphy murray nagy nair nakamura navarro neumann newman newton nguyen
nicholson nielsen nilsson nolan novak nowak o'brien o'connell o'connor o'donnell o'neill o'reilly o'sullivan obrien oconnor oliveira oliver olsen olson
olsson oneill ortega ortiz osborne owen owens palmer park parker parsons patel pearce pearson pedersen peeters pereira perez perkins perry persson petersen
peterson petersson petrov phillips pierce popescu porter powell power price quinn ramirez ramos rao rasmussen reddy reed rees reid reilly reyes reynolds
ricci rice richards richardson richter rivera roberts robertson robinson rodrigues rodriguez rogers romano romero rose ross rossi rowe roy ruiz russell
russo ryan sanchez sanders santana santos sato saunders schäfer schmid schmidt schmitt schmitz schneider schröder schulz schulze schwarz schwartz scott
sharma shaw shea sheehan shevchenko silva simmons simon simpson singh smith smirnov smyth sokolov sorensen sørensen souza spencer stevens stevenson
stewart stone suarez sullivan sutton suzuki svensson tailor takahashi tan tanaka taylor teixeira thomas thompson thomson torres tran tremblay tucker turner
van vargas varga vasquez vaughan vazquez vogel wagner walker wallace walsh walters wang ward warner watkins watson watts weaver webb weber webster welch
wells west wheeler white wilkins wilkinson williams williamson willis wilson winkler wolf wong wood woods wright wu yamamoto yang yates yilmaz young zhang
zhao zimmermann zhou
"""

_STOP = """
a able about above account accounts actually afraid after afternoon again against ago agent ahead all already alright also always am an and annoyed
another any anybody anyone anything anyway app appalled appreciate are area aren't around as ask asking at available away awaiting aware awful away
back bad badly based be because been before behind being believe best better between big bill billing both bot bought broken brilliant bring bug but buy
by call called caller calling can can't cancelled cannot captain card care carrier case cause certain certainly chat check checking choose clear
clearly code come coming company complaint completely concern concerned confused congratulations contact contacting content correct could couldn't
country cover currently customer customers dad daily date day days dear delighted delivery department desk despite did didn't different difficult
disappointed disgusted disgusting do does doesn't doing don't done down dr driver due during each early easy either else email emails engineer english
enough enquiring especially even evening ever every everybody everyone everything exactly excellent extremely fact facing fair family far fault
feel few fibre final finally fine first folks following for forced found free friday friend friends from frustrated full furious further fyi
general get getting given giving glad go going gone good goodbye got great guess guys had half happened happy hard has hasn't have haven't having he
head hello help helpful her here hers hey hi him his hm hmm hold home honestly hope hopefully hoping horrible hours how however huge i i'd i'll i'm i've id
if ill immediately important impressed in incorrect indeed info information inside instead interested internet into invoice is isn't issue issues it
it's its january february march june july september october november december just keep kind know lady last late later least leave leaving left less
let let's like line list little live locked long look looking lost lot love low lovely ltd ma'am machine made main make making manager many match
maybe me mean member message might mine minute minutes missed missing mobile moment monday month more morning most mother mum mom moving mr mrs ms much
must my myself name named names near need needs neither never new next nice night no nobody none nope nor not note nothing now number numbers obviously
of off office offer ok okay old on once one only open operator or order orders other our ours out outrageous outside over own pack paid paying
parent partner past patient pending people per perfect perhaps person personal phone plain plan please pleased plus point policy poor post premium pretty
previous probably problem problems process product products properly provided put question questions quick quickly quite rather reading ready really
reason received recently reference refund regarding registered relation replacement reply representative request response right router same satisfied
saturday saying sea second see seem seems send sending sent seriously service services set several shall she shocked shop should shouldn't show showing
sick sign signed similar simple simply since single sir sirs site slow so some somebody someone something sometimes soon sorry speak speaking
spelled spelling spelt staff stage standard start started state stay still stop store stuck such suddenly sunday super supervisor support supposed sure surely
system take taking talk talking team technical technician terrible test thank thanks that that's the their them then there there's these they they're thing
things think this those though thought through thursday ticket tired to today together told tomorrow tonight too total totally trouble true try trying
tuesday tv twice two type unable unacceptable under unfortunately unhappy unless until up update updated upset upon urgent us use used user usual using
valid value very via video waiting want wanted wants was wasn't waste way we we'd we'll we're we've website wednesday week weekend weeks welcome well went were
weren't what what's when where whether which while who whole whoever whom whose why wi-fi wifi will willing with within without woman man won't wonderful
wondering work working worried worse worst would wouldn't wow writing wrong year years yeah yep yes yesterday yet you you'd you'll you're you've your
yours yourself zero appreciated valued madam subscriber shopper buyer colleague colleagues everyone resident neighbour traveller guest ceo board
three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty
seventy eighty ninety hundred thousand double triple oh uh um er erm sort sorta listed written under capital gonna gotta wanna
"""

# Words in capitals beside a name that make it an organisation, product or place instead of a person.
_ORGANISATION = """
inc ltd llc plc gmbh corp corporation company co group holdings bank banking airlines airline airways air hotel hotels motors insurance energy telecom
mobile broadband media store stores shop shops supermarket market university college school hospital clinic church institute foundation society
association club fc united city county state street road avenue lane drive court square park place bridge airport station river lake mount
island islands beach bay valley hills international global worldwide services solutions systems software technologies technology studio studios
records partners & and pro plus max mini ultra premium edition series award prize day's street's cathedral museum gallery theatre stadium
orchestra band concert novel team support customer
"""

# Well-known firms and products that contain a person's name; public knowledge, and never personal data.
_NAMED_AFTER_PEOPLE = """
john lewis|wells fargo|morgan stanley|charles schwab|jp morgan|j.p. morgan|jpmorgan chase|ralph lauren|calvin klein|tommy hilfiger|michael kors
kate spade|harvey norman|johnson & johnson|johnson and johnson|ernst & young|marks & spencer|marks and spencer|mary kay|papa john's|papa johns
trader joe's|jack daniel's|harley davidson|harley-davidson|aston martin|alfa romeo|thomas cook|oscar mayer|ben & jerry's|ben and jerry's|eddie bauer
jimmy john's|victoria's secret|hewlett packard|philip morris|raymond james|edward jones|ryan air|henry hoover|paul smith|ted baker|fred perry|jack wills
jack & jones|jo malone|charlotte tilbury|bobbi brown|estee lauder|elizabeth arden|max factor|louis vuitton|christian dior|hugo boss|giorgio armani
jimmy choo|tom ford|tom tom|ray ban|dr martens|dr. martens|dr pepper|peter pan|tim hortons|tony's chocolonely|uncle ben's|aunt bertha|sara lee
marie curie|king charles|queen elizabeth|prince william|st john|st. john|san francisco|san jose|santa maria|saint paul|st paul|st. paul|ann summers
laura ashley|karen millen|dorothy perkins|rosetta stone|adam opel|henry schein|robert half|robert bosch|rolls royce|mary berry|jamie oliver|oliver bonas
levi strauss|daniel wellington|john deere|jim beam|johnnie walker|captain morgan|harry potter|tommy john|jenny craig|martha stewart|steve madden|carl's jr
stella artois|sam adams|samuel adams|abercrombie & fitch|barnes & noble|george washington|st george|st. george|george foreman|fisher price|vera bradley
"""


STOP = words_of(_STOP)
AMBIGUOUS = words_of(_AMBIGUOUS)
GIVEN = words_of(_GIVEN) - AMBIGUOUS - STOP
ORGANISATION = words_of(_ORGANISATION)
NAMED_AFTER_PEOPLE = tuple(sorted(phrase for line in _NAMED_AFTER_PEOPLE.split("\n") for phrase in line.split("|") if phrase))
PARTICLES = words_of("de van von der den da dos del della di du la le el al bin ibn ter ten zu af av")
SURNAMES = words_of(_SURNAMES) - PARTICLES - STOP
LISTED = GIVEN | SURNAMES | AMBIGUOUS
