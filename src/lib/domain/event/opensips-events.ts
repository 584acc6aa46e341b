/** An event that OpenSIPS itself raises. */
export interface KnownEvent {
  readonly name: string
  /** The module that raises it; `core` for OpenSIPS's own. */
  readonly module: string
  /** When it is raised, in short. */
  readonly meaning: string
}

/** The events of OpenSIPS 3 and 4, as their manuals name them, those most often asked for first. */
export const knownEvents: readonly KnownEvent[] = [
  ...events('pike', ['E_PIKE_BLOCKED', 'an address sends too much and is blocked']),
  ...events(
    'usrloc',
    ['E_UL_AOR_INSERT', 'an address of record is new'],
    ['E_UL_AOR_DELETE', 'an address of record is gone'],
    ['E_UL_CONTACT_INSERT', 'a contact registers'],
    ['E_UL_CONTACT_UPDATE', 'a contact registers again'],
    ['E_UL_CONTACT_REFRESH', 'a contact is asked to register again'],
    ['E_UL_CONTACT_DELETE', 'a contact expires or unregisters'],
    ['E_UL_LATENCY_UPDATE', 'a contact answers its ping slower or faster'],
  ),
  ...events('dialog', ['E_DLG_STATE_CHANGED', 'a call rings, is answered or ends']),
  ...events(
    'acc',
    ['E_ACC_CDR', 'a call has ended: its call detail record'],
    ['E_ACC_EVENT', 'a transaction is accounted'],
    ['E_ACC_MISSED_EVENT', 'a call was missed'],
  ),
  ...events('dispatcher', ['E_DISPATCHER_STATUS', 'a destination goes up or down']),
  ...events('drouting', ['E_DROUTING_STATUS', 'a gateway goes up or down']),
  ...events('load_balancer', ['E_LOAD_BALANCER_STATUS', 'a destination goes up or down']),
  ...events(
    'fraud_detection',
    ['E_FRD_WARNING', 'a caller reaches the warning threshold'],
    ['E_FRD_CRITICAL', 'a caller reaches the critical threshold'],
  ),
  ...events(
    'rtpproxy',
    ['E_RTPPROXY_STATUS', 'an RTPproxy goes up or down'],
    ['E_RTPPROXY_DTMF', 'a digit is heard'],
  ),
  ...events(
    'rtpengine',
    ['E_RTPENGINE_STATUS', 'an RTPengine goes up or down'],
    ['E_RTPENGINE_NOTIFICATION', 'an RTPengine reports a digit or a time-out'],
  ),
  ...events(
    'presence',
    ['E_PRESENCE_PUBLISH', 'a state is published'],
    ['E_PRESENCE_EXPOSED', 'a state is asked for'],
  ),
  ...events('call_center', ['E_CALLCENTER_AGENT_REPORT', 'the status of an agent changes']),
  ...events(
    'siprec',
    ['E_SIPREC_START', 'the recording of a call starts'],
    ['E_SIPREC_STOP', 'the recording of a call stops'],
  ),
  ...events(
    'clusterer',
    ['E_CLUSTERER_REQ_RECEIVED', 'another node asks something'],
    ['E_CLUSTERER_RPL_RECEIVED', 'another node answers'],
    ['E_CLUSTERER_NODE_STATE_CHANGED', 'a node is reached or lost'],
    ['E_CLUSTERER_SHARING_TAG_CHANGED', 'a sharing tag becomes active or backup'],
  ),
  ...events(
    'core',
    ['E_CORE_THRESHOLD', 'something takes too long, as a query'],
    ['E_CORE_PKG_THRESHOLD', 'private memory runs short'],
    ['E_CORE_SHM_THRESHOLD', 'shared memory runs short'],
    ['E_CORE_PROC_AUTO_SCALE', 'a process is added or taken away'],
    ['E_CORE_TCP_DISCONNECT', 'a TCP connection ends'],
    ['E_CORE_SR_STATUS_CHANGED', 'a status of the Status/Report interface changes'],
    ['E_CORE_LOG', 'a log message is written'],
  ),
]

/** The known events with each word of the text in their name, or at the start of a word of their module or meaning. */
export function findEvents(text: string): readonly KnownEvent[] {
  const wanted = text.toLowerCase().split(/\s+/)
  return knownEvents.filter(({ name, module, meaning }) => {
    const known = `${module} ${meaning}`.toLowerCase().split(/[\s:_/]+/)
    const has = (word: string) =>
      name.toLowerCase().includes(word) || known.some((one) => one.startsWith(word)) || module.includes(word)
    return wanted.every(has)
  })
}

function events(
  module: string,
  ...list: readonly (readonly [name: string, meaning: string])[]
): KnownEvent[] {
  return list.map(([name, meaning]) => ({ name, module, meaning }))
}
