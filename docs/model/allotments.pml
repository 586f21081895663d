/*
 * The seats of one license on several instances: the protocol of src/Licensing/Commit, as docs/design.md describes it.
 *
 * Storage executes an entity group transaction completely or not at all. A transaction requires the ETags of its counter
 * rows. The model reduces them to one bit, `valid`: none of these rows was written since the decision. An instance's cache
 * is either current or makes the transaction fail, so it is not modeled, with one exception: the license's terms are cached
 * with the instance's own allotment and not read again (`usable`).
 *
 * Replies are lost, transactions arrive after they were given up, instances crash at any point, and an administrator
 * changes the number of seats. check.sh explores all orders.
 */
#ifndef INSTANCES
#define INSTANCES 3
#endif
#ifndef SEATS
#define SEATS 3
#endif
#ifndef REQUESTS
#define REQUESTS 5      /* of all instances */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef LOST
#define LOST 1          /* replies */
#endif
#ifndef CHANGES
#define CHANGES 1       /* by the administrator */
#endif

#define CREATE 1
#define DELETE 2

/* The rows that a transaction writes besides the assignment. */
#define LICENSE 1       /* the license row; may fold allotments and set seats aside in the own one */
#define ALLOTMENT 2     /* one allotment: the own one or another's */

typedef Transaction {
    bool sent;
    bool valid;
    byte kind;
    byte request;
    byte row;           /* of ALLOTMENT */
    bool sets_aside;    /* of LICENSE: moves `aside` seats to the sender's allotment, which is added if it is not there */
    byte aside;
    byte folds          /* of LICENSE: a bit for each allotment that is deleted */
}

/* Storage: the license row and the allotments. */
byte seats = SEATS;
short used = 0;
byte allotments = 0;
bool there[INSTANCES];
byte free[INSTANCES];

/* Not rows of their own: the number of assignments, and the deletes requested for them. */
byte assigned = 0;
byte leaving = 0;

Transaction now_sent[INSTANCES];    /* the transaction that an instance waits for */
Transaction late[INSTANCES];        /* a transaction that it has given up; may still arrive */
bool was_full[INSTANCES];           /* there was a moment without a free seat since the request arrived */
bool waits[INSTANCES];
bool has_own[INSTANCES];            /* believes it has an allotment */
bool fresh[INSTANCES];              /* knows its allotment's ETag */
bool usable[INSTANCES];             /* when it last read the license, it was not overdrawn */
byte requests = REQUESTS;
byte crashes = CRASHES;
byte lost = LOST;

/* Temporary within a step; not part of the state. */
hidden byte n, m, number;
hidden short sum, gain;

#define is_full (assigned >= seats)
#define overdrawn (used > seats)
#define in(mask, row) ((mask >> (row)) & 1)

inline note_full() {
    if
    :: is_full -> for (n : 0 .. INSTANCES - 1) { if :: waits[n] -> was_full[n] = true :: else fi }
    :: else
    fi
}

/* Row INSTANCES is the license. */
inline row_written(written) {
    for (n : 0 .. INSTANCES - 1) {
        if
        :: now_sent[n].valid && ((written == INSTANCES && now_sent[n].kind == LICENSE)
            || (written < INSTANCES && now_sent[n].kind == ALLOTMENT && now_sent[n].row == written)
            || (written < INSTANCES && now_sent[n].kind == LICENSE && (in(now_sent[n].folds, written) || (now_sent[n].sets_aside && n == written)))) ->
            now_sent[n].valid = false
        :: else
        fi;
        if
        :: late[n].valid && ((written == INSTANCES && late[n].kind == LICENSE)
            || (written < INSTANCES && late[n].kind == ALLOTMENT && late[n].row == written)
            || (written < INSTANCES && late[n].kind == LICENSE && (in(late[n].folds, written) || (late[n].sets_aside && n == written)))) ->
            late[n].valid = false
        :: else
        fi
    }
    if :: written < INSTANCES -> fresh[written] = false :: else fi
}

inline check_rows() {
    sum = 0; number = 0;
    for (n : 0 .. INSTANCES - 1) {
        if :: there[n] -> sum = sum + free[n]; number++ :: else -> assert(free[n] == 0) fi
    }
    /* No seat is lost: each is assigned, free in an allotment or free in the license. */
    assert(used == assigned + sum);
    assert(allotments == number)
}

/* Storage executes a valid transaction, sent by `from`. */
inline execute(t, from) {
    if
    :: t.kind == LICENSE ->
        for (m : 0 .. INSTANCES - 1) {
            if
            :: in(t.folds, m) ->
#ifndef BREAK_FOLD_FORGETS
                used = used - free[m];
#endif
                there[m] = false; free[m] = 0; allotments--;
                row_written(m)
            :: else
            fi
        }
        if
        :: t.sets_aside ->
            if :: !there[from] -> there[from] = true; allotments++ :: else fi;
            free[from] = free[from] + t.aside;
            used = used + t.aside;
            row_written(from)
        :: else
        fi;
        if :: t.request == CREATE -> used++ :: else -> used-- fi;
        row_written(INSTANCES)
    :: t.kind == ALLOTMENT ->
        m = t.row;
#ifdef BREAK_NO_IF_MATCH
        if :: t.request == CREATE -> free[m] = t.aside - 1 :: else -> free[m] = t.aside + 1 fi;
#else
        if :: t.request == CREATE -> free[m]-- :: else -> free[m]++ fi;
#endif
        row_written(m)
    fi;
    if
    :: t.request == CREATE -> assigned++;
        /* Promise 1: never more active assignments than seats. */
        assert(assigned <= seats)
    :: else -> assigned--; leaving--
    fi;
    note_full();
    check_rows();
    t.sent = false; t.valid = false; t.kind = 0; t.request = 0; t.row = 0; t.sets_aside = false; t.aside = 0; t.folds = 0
}

#define mine now_sent[self]

inline send(of_kind, of_row) {
    mine.sent = true; mine.valid = true; mine.kind = of_kind; mine.request = request; mine.row = of_row
}

/* Reads license and allotments as one snapshot, and decides. */
inline read_and_decide() {
    has_own[self] = there[self]; fresh[self] = there[self]; usable[self] = !overdrawn;
    gain = 0;
    if
    :: overdrawn && allotments > 0 ->
        /* The license is overdrawn: fold all, together with this request if there is a seat for it. */
        for (n : 0 .. INSTANCES - 1) { if :: there[n] -> gain = gain + free[n]; mine.folds = mine.folds | (1 << n) :: else fi }
        if
        :: request == DELETE || used - gain < seats -> send(LICENSE, 0)
        :: else -> mine.folds = 0; refuse = true
        fi
    :: else ->
        if
        :: request == DELETE && there[self] -> send(ALLOTMENT, self)
        :: request == DELETE && !there[self] || used < seats ->
            if
            :: true
            :: there[0] -> mine.folds = 1           /* idle: its owner may have crashed */
            :: there[1] -> mine.folds = 2
            :: there[INSTANCES - 1] -> mine.folds = 1 << (INSTANCES - 1)
            fi;
            for (n : 0 .. INSTANCES - 1) { if :: in(mine.folds, n) -> gain = gain + free[n] :: else fi }
            if
            :: true
            :: !in(mine.folds, self) -> mine.sets_aside = true
                if
                :: true
                :: request == CREATE && used - gain + 1 < seats -> mine.aside = 1
                :: request == CREATE && used - gain + 2 < seats -> mine.aside = 2
                fi
            fi;
            send(LICENSE, 0)
        :: request == CREATE && used >= seats ->
            if
            :: there[0] && free[0] > 0 -> send(ALLOTMENT, 0); mine.aside = 0
            :: there[1] && free[1] > 0 -> send(ALLOTMENT, 1)
            :: there[INSTANCES - 1] && free[INSTANCES - 1] > 0 -> send(ALLOTMENT, INSTANCES - 1)
            :: else -> refuse = true
            fi
        fi
    fi
}

/* Decides without a read: on the own allotment, or on the license row if it is not known to have allotments. */
inline decide_from_memory() {
    if
    :: has_own[self] && fresh[self] && usable[self] && (request == DELETE || free[self] > 0) -> send(ALLOTMENT, self)
#ifdef BREAK_NO_IF_MATCH
        ; mine.aside = free[self]
#endif
    :: !has_own[self] && allotments == 0 && (request == DELETE || used < seats) -> send(LICENSE, 0)
#ifdef BREAK_REFUSE_BY_LICENSE
    :: request == CREATE && used >= seats -> refuse = true
#endif
    :: else -> read_and_decide()
    fi
}

proctype Instance(byte self) {
    byte request = 0;
    bool refuse = false;
    bool written = false;

    do
    :: atomic { request == 0 && requests > 0 ->
        if
        :: request = CREATE
        :: assigned > leaving -> request = DELETE; leaving++
        fi;
        requests--; written = false; waits[self] = true; was_full[self] = is_full }
    :: atomic { request != 0 && !mine.sent && !refuse -> decide_from_memory() }
    :: atomic { request != 0 && !mine.sent && !refuse -> read_and_decide() }
    :: atomic { refuse ->
        /* Promise 1: refused only if there was a moment without a free seat. */
        assert(was_full[self]);
        refuse = false; request = 0; waits[self] = false; was_full[self] = false }

    /* Executed, and the reply arrives. */
    :: atomic { mine.sent && mine.valid ->
        assert(!written);
        m = mine.kind; number = mine.row;
        gain = (m == LICENSE && mine.sets_aside) || (m == ALLOTMENT && number == self);
        execute(mine, self);
        if :: gain -> has_own[self] = true; fresh[self] = true :: else -> has_own[self] = has_own[self] && there[self] fi;
        request = 0; waits[self] = false; was_full[self] = false }
    /* Another writer changed a row first: 412. */
    :: atomic { mine.sent && !mine.valid ->
        mine.sent = false; mine.kind = 0; mine.row = 0; mine.request = 0; mine.sets_aside = false; mine.aside = 0; mine.folds = 0;
        fresh[self] = false }
    /* Executed, but the reply is lost: the receipt shows it; the rows are read before their next use. */
    :: atomic { mine.sent && mine.valid && lost > 0 ->
        lost--;
        execute(mine, self);
        written = true; fresh[self] = false;
#ifdef BREAK_NO_RECEIPT
        mine.sent = false
        /* Written again. */
#else
        request = 0; written = false; waits[self] = false; was_full[self] = false
#endif
        }
    /* Not executed and given up; may arrive later. The client gets a 503. */
    :: atomic { mine.sent && lost > 0 && !late[self].sent ->
        lost--;
        late[self].sent = true; late[self].valid = mine.valid; late[self].kind = mine.kind; late[self].request = mine.request;
        late[self].row = mine.row; late[self].sets_aside = mine.sets_aside; late[self].aside = mine.aside; late[self].folds = mine.folds;
        mine.sent = false; mine.valid = false; mine.kind = 0; mine.request = 0; mine.row = 0; mine.sets_aside = false; mine.aside = 0; mine.folds = 0;
        fresh[self] = false; request = 0; waits[self] = false; was_full[self] = false }
    :: atomic { late[self].sent && late[self].valid -> execute(late[self], self) }
    :: atomic { late[self].sent ->
        if :: late[self].request == DELETE -> leaving-- :: else fi;
        late[self].sent = false; late[self].valid = false; late[self].kind = 0; late[self].request = 0; late[self].row = 0;
        late[self].sets_aside = false; late[self].aside = 0; late[self].folds = 0 }
    /* A crash: the transaction in flight is executed or not; the allotment stays. */
    :: atomic { crashes > 0 ->
        crashes--;
        if
        :: mine.sent && mine.valid -> execute(mine, self)
        :: request == DELETE -> leaving--
        :: else
        fi;
        mine.sent = false; mine.valid = false; waits[self] = false; was_full[self] = false; request = 0; goto done }
    :: atomic { request == 0 && requests == 0 && !late[self].sent -> goto done }
    od;
done:
    skip
}

/* One transaction: the license row, and each allotment touched, so that its owner reads the license. */
proctype Administrator() {
    byte left = CHANGES;
    do
    :: atomic { left > 0 ->
        left--;
        if
        :: seats = SEATS - 1
        :: seats = SEATS - 2
        :: seats = SEATS + 1
        fi;
        for (n : 0 .. INSTANCES - 1) {
            if :: now_sent[n].valid && now_sent[n].kind == LICENSE -> now_sent[n].valid = false :: else fi;
            if :: late[n].valid && late[n].kind == LICENSE -> late[n].valid = false :: else fi
#ifndef BREAK_NO_TOUCH
            ;
            if :: now_sent[n].valid && now_sent[n].kind == ALLOTMENT -> now_sent[n].valid = false :: else fi;
            if :: late[n].valid && late[n].kind == ALLOTMENT -> late[n].valid = false :: else fi;
            fresh[n] = false
#endif
        }
        note_full() }
    :: left == 0 -> break
    od
}

init {
    byte i;
    atomic {
        for (i : 0 .. INSTANCES - 1) { run Instance(i) }
        run Administrator()
    }
}
